import Down from '@mui/icons-material/ArrowDownward';
import Up from '@mui/icons-material/ArrowUpward';
import Remove from '@mui/icons-material/DeleteOutline';
import { IconButton } from '@mui/material';

import { useFormSchema } from '../schema/SchemaContext';

interface Props {
  name: string;
  index: number;
  count: number;
  move: (from: number, to: number) => void;
  remove: (index: number) => void;
}

/** Moves an item of a list, or takes it out. */
export function ItemButtons({ name, index, count, move, remove }: Props) {
  if (useFormSchema().readOnly) return null;
  return (
    <>
      <IconButton
        size="small"
        aria-label={`Move ${name} up`}
        disabled={index === 0}
        onClick={() => {
          move(index, index - 1);
        }}
      >
        <Up fontSize="small" />
      </IconButton>
      <IconButton
        size="small"
        aria-label={`Move ${name} down`}
        disabled={index === count - 1}
        onClick={() => {
          move(index, index + 1);
        }}
      >
        <Down fontSize="small" />
      </IconButton>
      <IconButton
        size="small"
        aria-label={`Remove ${name}`}
        onClick={() => {
          remove(index);
        }}
      >
        <Remove fontSize="small" />
      </IconButton>
    </>
  );
}
