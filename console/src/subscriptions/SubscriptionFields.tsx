import { useWatch } from 'react-hook-form';

import { RecordsInput } from '../inputs/RecordsInput';
import { FormSection } from '../records/FormSection';
import { Field } from '../schema/Field';
import { KindInput } from '../schema/KindInput';
import { KINDS } from './subscription';

export function SubscriptionFields({ isNew = false }: { isNew?: boolean }) {
  const kind: unknown = useWatch({ name: 'target.kind' });
  return (
    <>
      <FormSection title="Subscription">
        <Field source="description" multiline />
        <Field source="enabled" help="One that is off is told nothing." />
      </FormSection>
      <FormSection title="Target">
        <KindInput kinds={KINDS} fixed={!isNew} />
        {kind === 'https' && (
          <>
            <Field source="target.url" label="URL" placeholder="https://example.com/events" />
            <Field source="target.ca_certificate" label="Certificate authority (PEM)" multiline />
          </>
        )}
        {kind === 'sqs' && <Field source="target.queue_arn" label="Queue (ARN)" />}
        {kind === 'email' && <Field source="target.address" />}
      </FormSection>
      <FormSection title="Events" about="A list that is empty lets all through.">
        <Field source="filter.types" help="What is told." />
        <Field source="filter.statuses" help="Statuses of jobs such as FAILED, each ended with Enter." />
        <RecordsInput source="filter.routes" label="Routes" of="listRoutes" />
      </FormSection>
    </>
  );
}
