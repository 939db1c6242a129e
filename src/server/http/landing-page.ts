import { randomUUID } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { EXAMPLE_DOCUMENT, EXAMPLE_VARIABLES, exampleHeaders } from './example.js';

/** The origins of Apollo Sandbox: of its script, and of the page that the script puts into a frame. */
const SANDBOX_ORIGINS = [
  'https://embeddable-sandbox.cdn.apollographql.com',
  'https://sandbox.embed.apollographql.com',
];

/**
 * Apollo Sandbox, opened on a payment that can be sent twice with one key.
 *
 * @param offlinePage - the path of a page with the same example, for browsers that cannot reach what
 * Sandbox is loaded from; none: they see that it cannot be loaded
 */
export function landingPage(offlinePage: string | undefined): ApolloServerPlugin {
  const sandbox = ApolloServerPluginLandingPageLocalDefault({
    embed: { runTelemetry: false },
    footer: false,
    document: EXAMPLE_DOCUMENT,
    variables: EXAMPLE_VARIABLES,
    // Another key at every start: the first Run after it is a new payment.
    headers: exampleHeaders(`sandbox-${randomUUID().slice(0, 8)}`),
  });
  return offlinePage === undefined ? sandbox : withOfflinePage(sandbox, offlinePage);
}

function withOfflinePage(sandbox: ApolloServerPlugin, offlinePage: string): ApolloServerPlugin {
  return {
    async serverWillStart(service) {
      const listener = await sandbox.serverWillStart?.(service);
      return {
        ...listener,
        async renderLandingPage() {
          const { html = '' } = (await listener?.renderLandingPage?.()) ?? {};
          return {
            async html() {
              return addScript(typeof html === 'string' ? html : await html(), offlinePage);
            },
          };
        },
      };
    },
  };
}

/** Adds a script that goes to another page where one of Sandbox's origins cannot be reached. */
function addScript(html: string, offlinePage: string): string {
  // The page's security policy lets scripts with its own nonce run.
  const nonce = /<script nonce="(\w+)"/.exec(html)?.[1] ?? '';
  // A module does not wait for Sandbox's script, which may take minutes to fail.
  const script = `<script nonce="${nonce}" async type="module">
      const reach = (origin) => fetch(origin, { mode: 'no-cors' });
      Promise.all(${JSON.stringify(SANDBOX_ORIGINS)}.map(reach)).catch(() => {
        location.replace(${JSON.stringify(offlinePage)});
      });
    </script>
    <p class="fallback"><a href="${offlinePage}">Open GraphiQL, which this server has itself.</a></p>`;
  return html.replace('<div id="embeddableSandbox">', (sandbox) => `${script}\n    ${sandbox}`);
}
