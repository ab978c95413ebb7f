import { useFormContext } from 'react-hook-form';
import {
  BooleanInput,
  NumberInput,
  SelectArrayInput,
  SelectInput,
  TextArrayInput,
  TextInput,
  useSourceContext,
} from 'react-admin';

import { Described } from './Described';
import { fieldSchema, narrowed, type JsonSchema } from './jsonSchema';
import { useFormSchema } from './SchemaContext';

interface Props {
  source: string;
  label?: string;
  /** In place of the schema's description. */
  help?: string;
  multiline?: boolean;
  placeholder?: string;
  /** For what the schema does not describe. */
  required?: boolean;
  readOnly?: boolean;
  /** Texts for the values of an enumeration. */
  names?: Record<string, string>;
  dense?: boolean;
}

/** The input for a field of a record: its kind, choices, default and help are the schema's. */
export function Field({ source, label, help, multiline, placeholder, names, dense, ...props }: Props) {
  const { schema: root } = useFormSchema();
  const form = useFormContext();
  const { getSource } = useSourceContext();
  const found = fieldSchema(root, getSource(source), form.getValues());
  const schema = found?.schema ?? { type: 'string' };
  const readOnly = useFormSchema().readOnly || props.readOnly === true;
  const text = help ?? schema.description;
  const common = {
    source,
    label: label ?? labelOf(source),
    helperText: text && !dense ? <Described text={text} /> : (false as const),
    isRequired: props.required ?? found?.required ?? false,
    readOnly,
    fullWidth: true,
    margin: 'dense' as const,
  };
  if (schema.type === 'boolean') return <BooleanInput {...common} disabled={readOnly} />;
  if (schema.enum) {
    return (
      <SelectInput
        {...common}
        choices={choicesOf(schema, names)}
        emptyText={found?.nullable ? '–' : undefined}
        isRequired={!found?.nullable}
      />
    );
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return <NumberInput {...common} min={schema.minimum} max={schema.maximum} placeholder={placeholder} />;
  }
  if (schema.type === 'array') {
    const items = narrowed(schema.items ?? {}, undefined, root);
    if (items.enum) return <SelectArrayInput {...common} choices={choicesOf(items, names)} />;
    return <TextArrayInput {...common} disabled={readOnly} />;
  }
  return (
    <TextInput
      {...common}
      multiline={multiline}
      placeholder={placeholder}
      resettable={!readOnly && found?.nullable}
      parse={(value: string) => (value === '' && found?.nullable ? null : value)}
    />
  );
}

function choicesOf(schema: JsonSchema, names: Record<string, string> = {}): { id: string; name: string }[] {
  return (schema.enum ?? []).map((value) => ({
    id: String(value),
    name: names[String(value)] ?? labelOf(String(value)),
  }));
}

/** `max_size` → `Max size`. */
export function labelOf(source: string): string {
  const text = source.slice(source.lastIndexOf('.') + 1).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
