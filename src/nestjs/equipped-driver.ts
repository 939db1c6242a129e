import type { AbstractGraphQLDriver, GqlModuleOptions } from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import {
  IDEMPOTENT,
  idempotentDirective,
  idempotentTypeDefs,
} from '../graphql/schema/directive.js';
import type { IdempotencyRuntime } from '../graphql/runtime.js';
import { DRIVER_DOORS, type DriverDoor, type DriverOptions } from './driver-doors.js';

/** The parts that a driver gets. */
export interface Equipment {
  /**
   * Takes the schema that the driver is going to serve.
   *
   * @param include - the modules whose resolvers are in it; `undefined`: all
   */
  readonly adopt: (
    schema: GraphQLSchema,
    include: ReadonlySet<unknown> | undefined,
  ) => GraphQLSchema;
  readonly runtime: IdempotencyRuntime<object>;
  /** The name of the door, for messages at start-up. */
  readonly name: string;
}

type StartOptions = GqlModuleOptions &
  DriverOptions & { readonly stopOnApplicationShutdown?: boolean };

/** Drivers that hand mutations on. */
const GATEWAYS = new Set(['ApolloGatewayDriver', 'MercuriusGatewayDriver']);

/**
 * A driver of one GraphQLModule whose schema has the directive and the doors, and whose server has its
 * door. A provider with `@Plugin()` would not reach a GraphQLModule that lists its modules in
 * `include`, and nothing would define the directive.
 */
export class EquippedDriver {
  readonly problems: readonly string[];
  readonly #driver: AbstractGraphQLDriver;
  #stopsLate = false;

  /** @param driver - of this application alone; the methods that Nest calls are replaced */
  constructor(driver: AbstractGraphQLDriver, { adopt, runtime, name }: Equipment) {
    this.#driver = driver;
    const names = classNames(driver);
    const door = doorOf(names, runtime, name);
    this.problems = door === undefined ? [problemOf(names)] : [];
    if (door === undefined) return;
    const generate = driver.generateSchema.bind(driver);
    driver.generateSchema = async (options): Promise<GraphQLSchema> => {
      const schema = await generate(withDirective(options));
      if (schema == null) throw new Error('The GraphQLModule has no schema.');
      const { include } = options;
      // As Nest does, an empty list is none.
      return adopt(schema, include?.length ? new Set(include) : undefined);
    };
    const start = driver.start.bind(driver);
    driver.start = (options: StartOptions): Promise<unknown> => {
      this.#stopsLate = options.stopOnApplicationShutdown === true;
      return door.start(start, options);
    };
    const stop = driver.stop.bind(driver);
    let stopped: Promise<void> | undefined;
    // Nest will call it again.
    driver.stop = (): Promise<void> => (stopped ??= door.stop(stop));
  }

  /** Whether its GraphQLModule stops it in a phase of the shutdown. */
  stopsIn(phase: 'onModuleDestroy' | 'onApplicationShutdown'): boolean {
    return this.#stopsLate === (phase === 'onApplicationShutdown');
  }

  stop(): Promise<void> {
    return this.#driver.stop();
  }
}

/** The door of the first class that has one. */
function doorOf(
  names: readonly string[],
  runtime: IdempotencyRuntime<object>,
  name: string,
): DriverDoor | undefined {
  const known = names.find((one) => DRIVER_DOORS.has(one) || GATEWAYS.has(one));
  return DRIVER_DOORS.get(known ?? '')?.(runtime, name);
}

function problemOf(names: readonly string[]): string {
  const [name = 'A driver'] = names;
  return names.some((one) => GATEWAYS.has(one))
    ? `${name} runs no mutations: import the module into the subgraphs behind it.`
    : `${name} is not known: use ${[...DRIVER_DOORS.keys()].join(' or ')}.`;
}

/** The names of an object's class and of those that it extends. */
function classNames(object: object): string[] {
  const names: string[] = [];
  let prototype = Object.getPrototypeOf(object) as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    names.push(prototype.constructor.name);
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return names;
}

const DEFINITION = new RegExp(`directive\\s+@${IDEMPOTENT}\\b`);

/** Defines the directive where the application does not. */
function withDirective(options: GqlModuleOptions): GqlModuleOptions {
  if (options.autoSchemaFile) {
    const { buildSchemaOptions = {} } = options;
    const { directives = [] } = buildSchemaOptions;
    if (directives.some(({ name }) => name === IDEMPOTENT)) return options;
    return {
      ...options,
      buildSchemaOptions: {
        ...buildSchemaOptions,
        directives: [...directives, idempotentDirective],
      },
    };
  }
  const typeDefs = [options.typeDefs ?? []].flat();
  if (typeDefs.length === 0 || typeDefs.some((part) => DEFINITION.test(part))) return options;
  return { ...options, typeDefs: [...typeDefs, idempotentTypeDefs] };
}
