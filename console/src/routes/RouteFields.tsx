import { useWatch } from 'react-hook-form';

import { GroupsInput, PairsInput } from '../inputs/LinesInput';
import { JsonTextInput } from '../inputs/JsonTextInput';
import { OptionalFields } from '../inputs/OptionalFields';
import { RecordInput, RecordsInput } from '../inputs/RecordsInput';
import { Columns } from '../records/Columns';
import { FormSection } from '../records/FormSection';
import { Field } from '../schema/Field';
import { CsvColumns } from './CsvColumns';
import { TransformFields } from './TransformFields';

/** A route's fields, in the order in which a file meets them. */
export function RouteFields() {
  return (
    <>
      <General />
      <MatchFields />
      <CheckFields />
      <TransformFields />
      <FormSection title="Deliver" about="Where the file goes, and what happens when its name is taken.">
        <RecordsInput source="deliver.destinations" label="Destinations" of="listDestinations" required />
        <Field
          source="deliver.existing"
          label="When the name is taken"
          names={{ overwrite: 'Overwrite', refuse: 'Fail', suffix: 'Add a suffix' }}
        />
      </FormSection>
      <ConfirmFields />
      <FormSection title="Archive" about="How long the original and what was delivered are kept.">
        <Field source="archive.retention_days" label="Keep for (days)" />
        <PairsInput
          source="archive.tags"
          label="Tags"
          help="Of the archived objects: name = value, one a line."
        />
      </FormSection>
    </>
  );
}

const EXECUTORS = { auto: 'Automatic', step_functions: 'Step Functions', worker: 'Worker' };

function General() {
  return (
    <FormSection title="Route">
      <Field source="description" multiline />
      <Columns>
        <Field source="priority" />
        <Field
          source="executor"
          names={EXECUTORS}
          help="Who carries the files: by size and rates, or always one."
        />
        <Field source="duplicates" names={{ allow: 'Deliver again', skip: 'Skip' }} />
        <Field source="workflow.name" label="Workflow" />
      </Columns>
      <Field source="workflow.version_arn" label="Pinned workflow version" placeholder="The live version" />
      <Columns>
        <Field source="enabled" help="A route that is off takes no files." />
        <Field source="ordered" />
      </Columns>
    </FormSection>
  );
}

function MatchFields() {
  return (
    <FormSection title="Match" about="Which files the route takes, by the path that the partner sees.">
      <Columns min={280}>
        <Field source="match.glob" placeholder="orders/*.csv" />
        <Field source="match.regex" placeholder="orders/\d{8}\.csv" />
      </Columns>
      <RecordsInput
        source="match.users"
        label="Users"
        of="listUsers"
        help="Only files of these users; empty: of all."
      />
      <Columns>
        <Field source="match.min_size" label="Smallest size (bytes)" help="" />
        <Field source="match.max_size" label="Largest size (bytes)" help="" />
        <Field
          source="zero_bytes"
          label="Empty files"
          help="What the route does with a file of no bytes."
          names={{ accept: 'Accept', quarantine: 'Quarantine', skip: 'Skip' }}
        />
      </Columns>
    </FormSection>
  );
}

function CheckFields() {
  const checksum: unknown = useWatch({ name: 'validation.checksum' });
  return (
    <FormSection title="Checks" about="A file that fails one of them is quarantined, with its violations.">
      <Columns>
        <Field source="validation.checksum" label="Declared checksum" />
        {checksum === 'required' && (
          <Field source="validation.checksum_wait_seconds" label="Wait for it (seconds)" />
        )}
        <Field source="validation.name" label="File name" />
        <Field source="validation.encoding" label="Text encoding" placeholder="utf-8" />
        <Field source="validation.min_size" label="Smallest size (bytes)" />
        <Field source="validation.max_size" label="Largest size (bytes)" />
        <Field source="validation.types" label="Media types" />
        <Field source="validation.max_violations" label="Violations reported" />
      </Columns>
      <CsvFields />
      <OptionalFields
        source="validation.json"
        label="Check as JSON"
        help="The document must fit a JSON Schema."
      >
        <JsonTextInput source="validation.json.schema" label="JSON Schema of the document" />
      </OptionalFields>
      <OptionalFields
        source="validation.ndjson"
        label="Check as JSON lines"
        help="Every line must fit a JSON Schema."
      >
        <JsonTextInput source="validation.ndjson.schema" label="JSON Schema of each line" />
      </OptionalFields>
    </FormSection>
  );
}

function CsvFields() {
  return (
    <OptionalFields
      source="validation.csv"
      label="Check as CSV"
      help="Columns and their values must be as said here."
    >
      <Columns min={140}>
        <Field source="validation.csv.delimiter" />
        <Field source="validation.csv.quote" />
        <Field
          source="validation.csv.extra_columns"
          label="Other columns"
          names={{ refuse: 'Refuse', allow: 'Allow' }}
        />
        <Field source="validation.csv.min_rows" label="Fewest rows" />
        <Field source="validation.csv.max_rows" label="Most rows" />
        <Field source="validation.csv.header" label="First line is a header" />
      </Columns>
      <CsvColumns />
      <GroupsInput
        source="validation.csv.unique"
        label="Unique together"
        help="Columns whose values together occur once: names with commas, one group a line."
      />
    </OptionalFields>
  );
}

function ConfirmFields() {
  const mode: unknown = useWatch({ name: 'confirm.mode' });
  return (
    <FormSection title="Confirm" about="When a delivery counts as done.">
      <Field
        source="confirm.mode"
        label="By"
        names={{
          none: 'Nothing more',
          check: 'Size and checksum at the far side',
          acknowledgement: 'The partner’s NAME.ack',
        }}
      />
      {mode === 'acknowledgement' && (
        <Columns min={280}>
          <RecordInput
            source="confirm.user"
            label="User"
            of="listUsers"
            required
            help="Into whose home the partner puts NAME.ack or NAME.nack."
          />
          <Field source="confirm.timeout_seconds" label="Wait for it (seconds)" />
        </Columns>
      )}
    </FormSection>
  );
}
