/** A GraphQL request over HTTP, as bytes. */
export function httpRequest(query: string, variables: object): Buffer {
  const body = JSON.stringify({ query, variables });
  return Buffer.from(
    'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n' +
      `accept: application/json\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}
