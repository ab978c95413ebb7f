import { Field } from '../schema/Field';

export function TenantFields() {
  return (
    <>
      <Field source="name" />
      <Field source="description" multiline />
      <Field source="enabled" help="Users of a tenant that is off cannot log in any more." />
    </>
  );
}
