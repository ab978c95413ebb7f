import { Field } from '../schema/Field';
import { FormSection } from '../records/FormSection';
import { UserKeys } from './UserKeys';

export function UserFields() {
  return (
    <>
      <FormSection title="User">
        <Field source="description" multiline />
        <Field source="enabled" help="A user who is off cannot log in any more." />
        <Field
          source="allowed_networks"
          help="CIDR blocks such as 203.0.113.0/24, each ended with Enter; none: from anywhere."
        />
      </FormSection>
      <UserKeys />
    </>
  );
}
