import { useAtom } from '../atom.js';
import type { Faults } from './faults.js';
import { Switch } from './switch.js';
import { useStoreSwitch } from './use-store-switch.js';

/** The switches for faults. */
export function FaultSwitches({ faults }: { readonly faults: Faults }): React.ReactNode {
  const { state, isSilent, set } = useStoreSwitch();
  const forgetNext = useAtom(faults.forgetNext);
  const store = state?.store === 'memory' ? 'the record store' : 'Redis';
  return (
    <fieldset className="switches">
      <legend>What goes wrong</legend>
      <Switch
        label="Lose the next response"
        hint="The server pays, and the answer gets lost on its way."
        checked={useAtom(faults.loseNext)}
        onChange={faults.loseNext.set}
      />
      {state?.switchable !== false && (
        <Switch
          label={`Take ${store} away`}
          hint={storeHint(state?.away === true, isSilent)}
          checked={state?.away === true}
          onChange={set}
        />
      )}
      {state?.switchable !== false && (
        <Switch
          label={`${store === 'Redis' ? store : 'The record store'} forgets everything`}
          hint="The answer gets lost, and every record before the retry. The ledger's database remembers."
          checked={forgetNext}
          onChange={faults.forgetNext.set}
        />
      )}
      <Switch
        label="A new key for every attempt"
        hint="The mistake: a retry looks like another payment."
        checked={useAtom(faults.freshKeys)}
        onChange={faults.freshKeys.set}
      />
    </fieldset>
  );
}

function storeHint(away: boolean, isSilent: boolean): string {
  if (isSilent) return 'The server does not answer. Try again.';
  return away
    ? 'It is away, for a minute at most. Switch this off to bring it back.'
    : 'Keys cannot be checked then, and nothing runs.';
}
