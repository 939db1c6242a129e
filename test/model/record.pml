/*
 * One idempotency record, the requests that want it, and all that can go wrong between them.
 * `npm run test:model` checks it in every variant of variants.mjs; words.mjs says what the words
 * in capitals mean that are not defined here: switches, 0 or 1, and what is to be checked.
 *
 * here                      in src
 * ----                      ------
 * Attempt                   one pass of `lead` in core/engine.ts, under an owner token of its own
 * begin, give_up            core/claim.ts: the claim, and its withdrawal when no reply came in time
 * look_up to release        core/runner.ts
 * complete, sent again      core/persistence.ts, and clients that resend what was not answered
 * wait                      core/waiting.ts
 * begin_script and so on    stores/redis/scripts/begin-script.ts and so on; one script is one atomic step
 * Record                    what is under a key: packed-claim.ts, packed-outcome.ts of that folder
 * lease                     the state of a claim: HELD is `P` with any end of its lease, past or future,
 *                           RELEASED `K`, LAPSED `W`
 * step, mark                entries behind the columns: the result of a memorised step, and the mark
 *                           that an at-most-once step leaves before it runs
 * replicate                 a WAIT that all replicas answered
 * effects                   what a resolver did to the world, where `recover` looks it up
 *
 * Nothing is assumed about time: a held lease may be found alive or lapsed at any moment, and an
 * attempt may pause for ever before any step. Where only bad states are looked for, that is a
 * crash; where a variant asks how things end, a crash is a step too.
 *
 * Attempts begin in the order of their numbers. They are alike, so no behaviour is lost.
 */

#define NOBODY 0
#define SEALED 255                   /* the outcome `failed`: a refusal, never an answer */
#define ATTEMPTS_MAX (ATTEMPTS + 1)  /* of core/record.ts, only smaller */

#define must(property, condition) assert(!(property) || (condition))
#define happens(witness) assert(!(witness))

/* How things end is looked at; otherwise never sent, ended and paused for ever are all the same. */
#define ENDS (FREED || KEPT || SETTLED)

mtype = { REJECT, RERUN, RECOVER };                                 /* LapsePolicy */
mtype = { ERASE, KEEP, WITHDRAW };                                  /* ReleaseMode */
mtype = { CLAIMED, RUNNING, UNKNOWN, REPLAY, STORED, SUPERSEDED };  /* what scripts reply */
mtype = { ABSENT, IN_PROGRESS, COMPLETED };                         /* what a record is */
mtype = { NONE, HELD, RELEASED, LAPSED };                           /* leases; what claims find */

typedef Record {
  mtype kind = ABSENT;
  mtype lease = NONE;
  mtype previous = NONE;
  byte owner;
  byte displaced;
  byte attempt;
  byte fence;
  byte step;
  byte mark;
  byte answer
}

Record primary;
Record replica;

byte begun;         /* how many attempts have begun */
byte ended;         /* how many have ended, one way or another */
bool quiet;         /* all of them have, and from now on nothing goes wrong */
bool crashed;       /* a process died */
bool done[ATTEMPTS + 2];  /* which attempts will not run the resolver any more */

byte effects;       /* 2 stands for more */
byte effect;        /* the one that the ledger answers with */
byte ledger_fence;  /* the largest fence that the ledger has seen */
byte answered;      /* the first answer that a client was given */
byte inside;        /* the attempt whose resolver is running */
bool doubted;       /* a request was told that the outcome is unknown */
bool acknowledged;  /* an owner was told that its step is recorded */
byte used;          /* the step's result that a resolver went on with */
byte clock = 1;     /* Redis's clock */
byte fence_newest;
bool stepped_back;  /* that clock did */

/* ---- Redis ----------------------------------------------------------------------------------- */

inline copy(to, from) {
  to.kind = from.kind; to.lease = from.lease; to.previous = from.previous;
  to.owner = from.owner; to.displaced = from.displaced; to.attempt = from.attempt;
  to.fence = from.fence; to.step = from.step; to.mark = from.mark; to.answer = from.answer
}

inline become(kind_now, owner_now, answer_now) {
  primary.kind = kind_now; primary.lease = NONE; primary.previous = NONE;
  primary.owner = owner_now; primary.displaced = NOBODY; primary.attempt = 0;
  primary.fence = 0; primary.step = NOBODY; primary.mark = NOBODY; primary.answer = answer_now
}

#define in_progress (primary.kind == IN_PROGRESS)
#define owns (in_progress && primary.owner == token && primary.lease != RELEASED)

#define sent_again (primary.owner == token && primary.lease == HELD)
/* A lease is alive or lapsed, whichever does more harm; once all is quiet, it has lapsed. */
#define may_be_alive (primary.owner != token && primary.lease == HELD && !quiet)
#define may_be_over (primary.lease == RELEASED || \
                     (!sent_again && (!LEASES_HOLD || done[primary.owner])))
#define may_be_claimed ((primary.lease == RELEASED || POLICY != REJECT) && \
                        (primary.attempt < ATTEMPTS_MAX || quiet))

inline take_fence() {
  clock++;
  if
  :: CLOCK_STEPS_BACK && !stepped_back -> stepped_back = true; clock = 1
  :: true
  fi;
  if
  :: FENCE_IS_COUNTED -> primary.fence++
  :: FENCE_IS_CLOCK -> primary.fence = clock
  :: !FENCE_IS_COUNTED && !FENCE_IS_CLOCK ->
     primary.fence = (primary.fence + 1 > clock -> primary.fence + 1 : clock)
  fi;
  fence = primary.fence;
  must(FENCES, fence > fence_newest);
  fence_newest = fence
}

inline claim(found) {
  primary.previous = found;  /* first: it may be read off the lease */
  primary.kind = IN_PROGRESS;
  primary.lease = HELD;
  primary.displaced = primary.owner;
  primary.owner = token;
  primary.attempt++;
  if
  :: FENCES || LEDGER_FENCES -> take_fence()
  :: !FENCES && !LEDGER_FENCES
  fi;
  late = (ACKNOWLEDGED && answered != NOBODY);
  late_for_step = (MEMORISED && acknowledged);
  reply = CLAIMED
}

inline begin_script() {
  if
  :: primary.kind == COMPLETED -> answer = primary.answer; reply = REPLAY
  :: primary.kind == ABSENT -> claim(NONE)
  :: in_progress && sent_again -> reply = CLAIMED
  :: in_progress && may_be_alive -> reply = RUNNING
  :: in_progress && may_be_over && !may_be_claimed -> doubted = HAPPENS_LATE; reply = UNKNOWN
  :: in_progress && may_be_over && may_be_claimed ->
     claim((primary.lease == RELEASED -> RELEASED : LAPSED))
  fi;
  if
  :: reply == CLAIMED ->
     ask = (POLICY == RECOVER && primary.previous != NONE);
     memo = primary.step;
     marked = (primary.mark != NOBODY)
  :: else
  fi;
  printf("attempt %d: begin, %e\n", me, reply)
}

inline complete_script() {
  if
  :: COMPLETE_IS_BLIND -> become(COMPLETED, token, mine); reply = STORED
  :: !COMPLETE_IS_BLIND && in_progress && primary.owner == token ->
     if
     :: LATE_IS_REFUSED -> reply = SUPERSEDED
     :: true ->
        happens(HAPPENS_LATE && doubted);
        happens(HAPPENS_GIVEN_BACK && primary.lease == LAPSED);
        become(COMPLETED, token, mine);
        reply = STORED
     fi
  :: !COMPLETE_IS_BLIND && in_progress && primary.owner != token -> reply = SUPERSEDED
  :: !COMPLETE_IS_BLIND && primary.kind == COMPLETED && primary.owner == token -> reply = STORED
  :: !COMPLETE_IS_BLIND && primary.kind == COMPLETED && primary.owner != token ->
     answer = primary.answer;
     reply = REPLAY
  :: !COMPLETE_IS_BLIND && primary.kind == ABSENT ->
     happens(HAPPENS_PUT_BACK);
     if
     :: NOT_PUT_BACK -> give(mine); reply = SUPERSEDED
     :: !NOT_PUT_BACK -> become(COMPLETED, token, mine); reply = STORED
     fi
  fi;
  printf("attempt %d: complete with %d, %e\n", me, mine, reply)
}

#define has_steps ((primary.step != NOBODY && !STEPS_ARE_ERASED) || \
                   (primary.mark != NOBODY && !MARKS_ARE_ERASED))

inline release_script() {
  if
  :: ERASE_IGNORES_OWNER && mode != KEEP -> become(ABSENT, NOBODY, NOBODY)
  :: !(ERASE_IGNORES_OWNER && mode != KEEP) && in_progress && primary.lease == HELD &&
     (primary.owner == token || RELEASE_IGNORES_OWNER) ->
     if
     :: mode == WITHDRAW && primary.attempt > 1 && !WITHDRAW_ERASES ->
        primary.lease = (primary.previous == RELEASED -> RELEASED : LAPSED);
        primary.owner = primary.displaced;
        primary.attempt--
     :: else ->
        if
        :: mode == KEEP || has_steps -> primary.lease = RELEASED
        :: else -> become(ABSENT, NOBODY, NOBODY)
        fi
     fi
  :: else
  fi;
  printf("attempt %d: release, %e, leaves %e, %e\n", me, mode, primary.kind, primary.lease)
}

/* An at-most-once step leaves its mark, unless another owner's mark is there. */
inline mark_script() {
  if
  :: owns && (primary.mark == NOBODY || primary.mark == token) ->
     primary.mark = token;
     reply = STORED
  :: else -> reply = SUPERSEDED
  fi;
  printf("attempt %d: mark, %e\n", me, reply)
}

/* Records the result of a step, or tells the one that is there. */
inline step_script() {
  if
  :: STEP_IGNORES_OWNER && in_progress -> primary.step = me; memo = me; reply = STORED
  :: !STEP_IGNORES_OWNER && owns ->
     primary.step = (primary.step == NOBODY -> me : primary.step);
     memo = primary.step;
     reply = STORED
  :: else -> reply = SUPERSEDED
  fi;
  printf("attempt %d: record step, %e\n", me, reply)
}

/* ---- the engine ------------------------------------------------------------------------------ */

/* After a WAIT the node is asked again whether it holds what was written, unless the WAIT is blind:
   a node that was promoted meanwhile has nothing to wait for. A failed proof is a lost reply. */
#define proven(proof) (WAIT_IS_BLIND || (proof))
#define completed_with(value) (primary.kind == COMPLETED && primary.answer == value)

inline replicate_if(wanted) {
  if
  :: wanted -> copy(replica, primary); printf("attempt %d: replicas answer\n", me)
  :: !(wanted)
  fi
}

inline give(value) {
  if
  :: !told && value != SEALED ->
     printf("attempt %d: answers %d\n", me, value);
     must(SAME, answered == NOBODY || answered == value);
     answered = ((SAME || ACKNOWLEDGED) && answered == NOBODY -> value : answered)
  :: else
  fi;
  told = true
}

inline leave_resolver() {
  inside = (inside == me -> NOBODY : inside);
  done[me] = LEASES_HOLD
}

inline take_effect() {
  printf("attempt %d: effect\n", me);
  effects = (effects < 2 -> effects + 1 : 2);
  effect = (DEDUPLICATES || POLICY == RECOVER -> me : NOBODY);
  must(ONCE, effects == 1)
}

proctype Attempt(byte me) {
  byte token = me;
  mtype reply;
  mtype mode;
  byte answer;         /* of the store */
  byte mine;           /* of the resolver, or of `recover` */
  byte memo;           /* the step's result, when this attempt claimed and later */
  byte fence;
  bool ask;            /* `recover`, because there was an attempt before */
  bool marked;         /* by an attempt before */
  bool late;           /* it claimed after an answer had been given, */
  bool late_for_step;  /* after the step had been recorded */
  bool told;           /* its client has an answer */

begin:
  if
  :: atomic { begun >= me - 1 -> begun = (begun < me -> me : begun); begin_script() }
  :: atomic { ENDS && begun == me - 1 && !quiet -> begun = me; goto over }  /* never sent */
  fi;
  if
  :: LOST_REPLIES && !quiet -> token = (RESENT_AS_NEW -> me + ATTEMPTS + 1 : me); goto begin
  :: (LOST_REPLIES || WAIT_CLAIM) && !quiet -> goto give_up
  :: CRASHES && !quiet -> goto crash
  :: reply == REPLAY -> goto replay
  :: reply == RUNNING -> goto wait
  :: reply == UNKNOWN -> goto over
  :: reply == CLAIMED && WAIT_CLAIM && !proven(owns) -> goto begin
  :: atomic { reply == CLAIMED && (!WAIT_CLAIM || proven(owns)) -> replicate_if(WAIT_CLAIM) }
  fi;

look_up:
  if
  :: !ask
  :: atomic {
       ask && effects > 0 ->
       happens(HAPPENS_RECOVERED);
       printf("attempt %d: recover finds %d\n", me, effect);
       mine = effect;
       goto complete
     }
  :: atomic {
       ask && effects == 0 ->
       printf("attempt %d: recover finds nothing\n", me);
       ledger_fence = (LOOKUP_FENCES && fence > ledger_fence -> fence : ledger_fence)
     }
  :: ask && !quiet -> goto give_up  /* it cannot tell */
  :: CRASHES && !quiet -> goto crash
  fi;

  atomic {
    must(ACKNOWLEDGED, !late);
    must(ALONE, inside == NOBODY);
    inside = (ALONE -> me : NOBODY);
    ask = false;
    late = false
  };
resolver:
  if
  :: atomic { owns && primary.lease == LAPSED -> primary.lease = HELD; goto resolver }  /* renew */
  :: FAILURES && !quiet -> goto turned_down
  :: FAILURES && !quiet && !STEPS -> goto failure
  :: CRASHES && !quiet -> goto crash
  :: STEPS -> goto step
  :: !STEPS && fence < ledger_fence -> goto failure
  :: atomic {
       !STEPS && fence >= ledger_fence ->
       ledger_fence = (LEDGER_FENCES -> fence : 0);
       if
       :: DEDUPLICATES && effects > 0
       :: else -> take_effect()
       fi;
       mine = (DEDUPLICATES && !OWN_ANSWERS -> effect : me);
       leave_resolver()
     }
  fi;
  if
  :: FAILURES_AFTER && !quiet -> goto failure
  :: CRASHES && !quiet -> goto crash
  :: goto complete
  fi;

complete:
  if
  :: atomic { complete_script() }
  :: atomic { STORE_AWAY && !told && !quiet -> give(mine); goto complete }
  :: CRASHES && !quiet -> goto crash
  fi;
  if
  :: LOST_REPLIES && !quiet -> goto complete
  :: atomic { STORE_AWAY && !told && !quiet -> give(mine); goto complete }
  :: CRASHES && !quiet -> goto crash
  :: reply == REPLAY -> goto replay
  :: reply == SUPERSEDED -> goto wait
  :: reply == STORED && WAIT_OUTCOME && !proven(completed_with(mine)) -> goto complete
  :: atomic {
       reply == STORED && (!WAIT_OUTCOME || proven(completed_with(mine))) ->
       replicate_if(WAIT_OUTCOME);
       give(mine);
       goto over
     }
  fi;

wait:
  if
  :: atomic { primary.kind == COMPLETED -> answer = primary.answer }
  :: owns && mine != 0 -> goto complete  /* given back */
  :: goto over  /* waited long enough */
  fi;
replay:
  if
  :: CRASHES && !quiet -> goto crash
  :: WAIT_REPLAY && !proven(completed_with(answer)) -> goto wait
  :: atomic {
       !WAIT_REPLAY || proven(completed_with(answer)) ->
       happens(HAPPENS_REPLAYED);
       replicate_if(WAIT_REPLAY);
       give(answer);
       goto over
     }
  fi;

step:
  if
  :: memo != NOBODY -> goto went_on
  :: memo == NOBODY && marked -> goto failure  /* nobody knows whether it ran */
  :: memo == NOBODY && !marked && (!AT_MOST_ONCE || MARK_AFTERWARDS) -> goto perform
  :: memo == NOBODY && !marked && AT_MOST_ONCE && !MARK_AFTERWARDS
  fi;
mark:
  atomic { mark_script() };
  if
  :: LOST_REPLIES && !quiet -> goto mark
  :: reply == SUPERSEDED -> goto failure
  :: reply == STORED && WAIT_STEP && !proven(owns && primary.mark == token) -> goto mark
  :: atomic {
       reply == STORED && (!WAIT_STEP || proven(owns && primary.mark == token)) ->
       replicate_if(WAIT_STEP)
     }
  fi;
  if
  :: MARK_AFTERWARDS -> goto record
  :: !MARK_AFTERWARDS
  fi;
perform:
  atomic { must(MEMORISED, !late_for_step); take_effect() };
  if
  :: AT_MOST_ONCE && MARK_AFTERWARDS -> goto mark
  :: !(AT_MOST_ONCE && MARK_AFTERWARDS)
  fi;
record:
  atomic { step_script() };
  if
  :: LOST_REPLIES && !quiet -> goto record
  :: reply == SUPERSEDED -> goto failure
  :: reply == STORED && WAIT_STEP && !proven(owns && primary.step == memo) -> goto record
  :: atomic {
       reply == STORED && (!WAIT_STEP || proven(owns && primary.step == memo)) ->
       replicate_if(WAIT_STEP)
     }
  fi;
went_on:
  atomic {
    happens(HAPPENS_MEMORISED && memo != me);
    must(MEMORISED, used == NOBODY || used == memo);
    used = (MEMORISED -> memo : NOBODY);
    acknowledged = MEMORISED
  };
  if
  :: FAILURES && !quiet -> goto failure
  :: atomic { mine = me; leave_resolver(); goto complete }
  fi;

failure:
  if
  :: atomic { SEALS -> mine = SEALED; leave_resolver(); goto complete }
  :: atomic {
       !SEALS ->
       mode = (POLICY == RECOVER && !FAILURE_ERASES -> KEEP : ERASE);
       leave_resolver();
       goto release
     }
  fi;
turned_down:
  atomic { mode = (TURNED_DOWN_ERASES -> ERASE : WITHDRAW); leave_resolver(); goto release };
give_up:
  if
  :: NO_WITHDRAWAL -> goto over
  :: atomic { !NO_WITHDRAWAL -> mode = WITHDRAW; leave_resolver() }
  fi;
release:
  if
  :: CRASHES && !quiet -> goto crash
  :: atomic { release_script() }
  fi;
  if
  :: LOST_REPLIES && !quiet -> goto release
  :: atomic { NO_DEADLINE && mode == WITHDRAW -> begin_script(); goto over }
  :: !(NO_DEADLINE && mode == WITHDRAW) -> goto over
  fi;

crash:
  atomic { printf("attempt %d: crashes\n", me); crashed = (FREED || KEPT) };
over:
  atomic {
    leave_resolver();
    must(SETTLED, !quiet || told);
    token = 0; reply = 0; mode = 0; answer = 0; mine = 0; memo = 0; fence = 0;
    ask = 0; marked = 0; late = 0; late_for_step = 0; told = 0;
    ended++
  }
}

/* ---- the world ------------------------------------------------------------------------------- */

#define is_behind (replica.kind != primary.kind || replica.lease != primary.lease || \
                   replica.previous != primary.previous || replica.owner != primary.owner || \
                   replica.displaced != primary.displaced || replica.fence != primary.fence || \
                   replica.attempt != primary.attempt || replica.answer != primary.answer || \
                   replica.step != primary.step || replica.mark != primary.mark)

/* Writes reach the replica at some time, in their order. */
proctype Replication() {
end:
  do
  :: atomic { is_behind -> copy(replica, primary); printf("writes reach the replica\n") }
  od
}

/* The replica is promoted, and what had not reached it is forgotten. */
proctype Failover() {
  byte failovers;
end:
  do
  :: atomic {
       failovers < FAILOVERS && is_behind && !quiet ->
       copy(primary, replica);
       failovers++;
       printf("failover\n")
     }
  od
}

init {
  byte me = 1;
  atomic {
    do
    :: me <= ATTEMPTS -> run Attempt(me); me++
    :: else -> break
    od;
    if
    :: FAILOVERS > 0 -> run Replication(); run Failover()
    :: else
    fi
  };
  atomic {
    ended == ATTEMPTS ->
    must(FREED, crashed || !in_progress || primary.lease != HELD);
    must(KEPT, crashed || effects == 0 || primary.kind == COMPLETED);
    quiet = true;
    if
    :: SETTLED -> run Attempt(ATTEMPTS + 1)
    :: else
    fi
  }
}
