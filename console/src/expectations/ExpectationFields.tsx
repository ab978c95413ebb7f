import { FormControlLabel, FormLabel, Radio, RadioGroup } from '@mui/material';
import { useFormContext, useWatch } from 'react-hook-form';

import { RecordInput } from '../inputs/RecordsInput';
import { Columns } from '../records/Columns';
import { FormSection } from '../records/FormSection';
import { Field } from '../schema/Field';
import { defaultsOfBranch } from '../schema/jsonSchema';
import { useFormSchema } from '../schema/SchemaContext';

export function ExpectationFields() {
  const kind: unknown = useWatch({ name: 'schedule.kind' });
  return (
    <>
      <FormSection title="Expectation">
        <Field source="description" multiline />
        <Field source="enabled" help="One that is off has no deadlines." />
      </FormSection>
      <FormSection
        title="Files"
        about="Those that fit all of what is said; at least one of these three is needed."
      >
        <Columns min={240}>
          <RecordInput
            source="route"
            label="Route"
            of="listRoutes"
            help="Only files that this route takes."
          />
          <RecordInput source="user" label="User" of="listUsers" help="Only files of this user." />
          <Field source="glob" placeholder="orders/*.csv" />
        </Columns>
        <Columns>
          <Field source="min_count" label="At least" />
          <Field source="max_count" label="At most" />
          <Field source="same_content" names={{ report: 'Report as a duplicate', allow: 'Allow' }} />
        </Columns>
      </FormSection>
      <FormSection title="Schedule">
        <KindInput />
        {kind === 'cron' ? (
          <Field source="schedule.cron" label="Cron expression" placeholder="0 6 1 * *" />
        ) : (
          <Columns>
            <Field source="schedule.at" label="Deadline (HH:MM)" placeholder="06:00" />
            <Field source="schedule.days" />
          </Columns>
        )}
        <Columns>
          <Field source="time_zone" placeholder="Europe/Berlin" />
          <Field source="window_minutes" label="Window (minutes)" />
          <Field source="late_minutes" label="Late (minutes)" />
        </Columns>
      </FormSection>
    </>
  );
}

function KindInput() {
  const { schema, readOnly } = useFormSchema();
  const { setValue } = useFormContext();
  const kind: unknown = useWatch({ name: 'schedule.kind' });
  return (
    <>
      <FormLabel id="kind">Due</FormLabel>
      <RadioGroup
        row
        aria-labelledby="kind"
        value={kind ?? ''}
        onChange={(_, chosen) => {
          setValue('schedule', defaultsOfBranch(schema, 'schedule', { kind: chosen }), { shouldDirty: true });
        }}
      >
        <FormControlLabel
          value="daily"
          control={<Radio />}
          disabled={readOnly}
          label="At a time on days of the week"
        />
        <FormControlLabel value="cron" control={<Radio />} disabled={readOnly} label="By a cron expression" />
      </RadioGroup>
    </>
  );
}
