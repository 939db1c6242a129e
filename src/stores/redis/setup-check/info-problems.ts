import { onlineReplicas } from '../replication/replica-counts.js';

const VERSION_MIN = 7;

/**
 * The problems in one Redis server's `INFO`, in sentences that name the change to make.
 *
 * @param replicas - the store's option `replicas`
 */
export function infoProblems(info: string, replicas: number | 'all' | undefined): string[] {
  return [
    ...versionProblems(info),
    ...roleProblems(info),
    ...evictionProblems(info),
    ...persistenceProblems(info),
    ...replicaProblems(onlineReplicas(info), replicas),
  ];
}

function versionProblems(info: string): string[] {
  // Valkey also reports the version of Redis that it is compatible with.
  const version = infoField(info, 'redis_version');
  if (version === undefined || Number.parseInt(version, 10) >= VERSION_MIN) return [];
  return [`Redis ${version} is too old: version ${String(VERSION_MIN)} or later is needed.`];
}

function roleProblems(info: string): string[] {
  if (infoField(info, 'role') !== 'slave') return [];
  return ['The client is connected to a replica: connect it to the primary.'];
}

function evictionProblems(info: string): string[] {
  const policy = infoField(info, 'maxmemory_policy');
  if (policy === undefined || policy === 'noeviction') return [];
  return [
    `maxmemory-policy is ${policy}: Redis may evict records, and a retry would run again. ` +
      'Set it to noeviction.',
  ];
}

function persistenceProblems(info: string): string[] {
  const problems: string[] = [];
  if (infoField(info, 'aof_enabled') === '0') {
    problems.push(
      'appendonly is no: when Redis ends it forgets records, and a retry would run again. Set it ' +
        'to yes, with appendfsync always if power cuts count.',
    );
  }
  if (infoField(info, 'aof_last_write_status') === 'err') {
    problems.push('The last write of the append-only file failed: look after its disk.');
  }
  return problems;
}

function replicaProblems(online: number, replicas: number | 'all' | undefined): string[] {
  if (replicas === undefined) {
    if (online === 0) return [];
    return [
      `${counted(online)} online, and a failover forgets what they have not received. Set the ` +
        "store's option replicas to 'all'.",
    ];
  }
  if (online === 0 || (replicas !== 'all' && online < replicas)) {
    return [
      `replicas is ${String(replicas)}, but ${counted(online)} online: marked mutations are refused ` +
        'until there are enough.',
    ];
  }
  if (replicas === 'all' || online === replicas) return [];
  return [
    `replicas is ${String(replicas)}, but ${counted(online)} online: one that has not received a ` +
      "claim may be promoted. Set it to 'all', or to their number.",
  ];
}

function counted(online: number): string {
  return online === 1 ? '1 replica is' : `${String(online)} replicas are`;
}

/** The value of a field of `INFO`. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
