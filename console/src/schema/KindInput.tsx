import { Box, FormControlLabel, FormLabel, Radio, RadioGroup } from '@mui/material';
import { useFormContext, useWatch } from 'react-hook-form';

import { branchesOf, defaultsOfBranch } from './jsonSchema';
import { useFormSchema } from './SchemaContext';

interface Props {
  /** Names of the kinds that the schema's `target` may have. */
  kinds: Readonly<Record<string, string>>;
  /** A record that exists keeps its kind. */
  fixed: boolean;
}

/** The kind of a record's target. Another kind has other fields: these begin with their defaults. */
export function KindInput({ kinds, fixed }: Props) {
  const { schema } = useFormSchema();
  const { setValue } = useFormContext();
  const kind = useWatch({ name: 'target.kind' }) as string;
  if (fixed) return <Box sx={{ color: 'text.secondary' }}>{kinds[kind]}</Box>;
  return (
    <Box>
      <FormLabel id="kind">Kind</FormLabel>
      <RadioGroup
        row
        aria-labelledby="kind"
        value={kind}
        onChange={(_, chosen) => {
          setValue('target', defaultsOfBranch(schema, 'target', { kind: chosen }), { shouldDirty: true });
        }}
      >
        {branchesOf(schema, 'target').map((branch) => (
          <FormControlLabel key={branch} value={branch} control={<Radio />} label={kinds[branch]} />
        ))}
      </RadioGroup>
    </Box>
  );
}
