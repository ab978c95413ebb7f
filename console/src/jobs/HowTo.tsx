import { Checkbox, FormControlLabel, Radio, RadioGroup } from '@mui/material';

import type { Asked } from './actions';
import { RouteChoice } from './RouteChoice';

interface HowProps {
  /** A file that no route took may be given one. */
  withRoute: boolean;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** The choices that an action has. */
export function HowTo({ withRoute, asked, onChange }: HowProps) {
  if (asked.action === 'replay') return <WhichRevision asked={asked} onChange={onChange} />;
  if (asked.action === 'release') {
    return (
      <>
        {withRoute && (
          <RouteChoice
            label="Route"
            helperText="Without one, the routes of today decide."
            value={asked.route ?? ''}
            onChange={(route) => {
              onChange({ route: route || undefined });
            }}
          />
        )}
        <AcceptViolations asked={asked} onChange={onChange} />
      </>
    );
  }
  return null;
}

type ChoiceProps = Omit<HowProps, 'withRoute'>;

function WhichRevision({ asked, onChange }: ChoiceProps) {
  return (
    <RadioGroup
      aria-label="By which revision of the route"
      value={asked.revision ?? 'original'}
      onChange={(_, revision) => {
        onChange({ revision: revision as 'original' | 'current' });
      }}
    >
      <FormControlLabel
        value="original"
        control={<Radio size="small" />}
        label="As it was: the route’s revision and the workflow’s version of the first run"
      />
      <FormControlLabel
        value="current"
        control={<Radio size="small" />}
        label="As it is today: the route’s active revision"
      />
    </RadioGroup>
  );
}

function AcceptViolations({ asked, onChange }: ChoiceProps) {
  return (
    <FormControlLabel
      control={
        <Checkbox
          checked={asked.acceptViolations ?? false}
          onChange={(_, acceptViolations) => {
            onChange({ acceptViolations });
          }}
        />
      }
      label="Accept the violations: the content is not checked again"
    />
  );
}
