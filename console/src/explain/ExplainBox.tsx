import { Autocomplete, Box, Button, TextField } from '@mui/material';
import { useState, type KeyboardEvent } from 'react';
import { useMutation } from '@tanstack/react-query';

import { useClient } from '../api/useClient';
import type { Schema } from '../api/types';
import { useRecords } from '../records/useRecords';
import { Problem } from '../shared/Problem';
import { Explained } from './Explained';
import { requestOf, type Question } from './question';

interface Props {
  compact?: boolean;
  /** The route that is looked at. */
  highlight?: string;
  initial?: Question;
  /** Told of each question, for the address of the page. */
  onAsk?: (question: Question) => void;
}

/** What becomes of a file, real or not. */
export function ExplainBox({ compact = false, highlight, initial, onAsk }: Props) {
  const client = useClient();
  const users = useRecords<{ id: string }>('listUsers');
  const [question, setQuestion] = useState<Question>(initial ?? { user: '', path: '', size: '', at: '' });
  const answer = useMutation({
    mutationFn: async (asked: Question) =>
      (await client.call<Schema<'ExplainAnswer'>>('explain', { body: requestOf(asked) })).data,
  });
  const ask = () => {
    onAsk?.(question);
    answer.mutate(question);
  };
  const put = (part: Partial<Question>) => {
    setQuestion({ ...question, ...part });
  };
  // The box may lie within a form, which Enter would save.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.defaultPrevented) return;
    event.preventDefault();
    if (question.path) ask();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the fields within take the keys
    <div onKeyDown={onKeyDown}>
      <Box
        sx={{
          display: 'grid',
          gap: 1.5,
          gridTemplateColumns: compact ? '1fr' : { xs: '1fr', md: '1fr 2fr 1fr 1fr auto' },
        }}
      >
        <Autocomplete
          freeSolo
          options={(users.data ?? []).map(({ id }) => id)}
          inputValue={question.user}
          onInputChange={(_, user) => {
            put({ user });
          }}
          renderInput={(params) => <TextField {...params} label="User" size="small" />}
        />
        <TextField
          label="File, as the partner sees it"
          placeholder="/orders/2026-11.csv"
          size="small"
          value={question.path}
          onChange={(event) => {
            put({ path: event.target.value });
          }}
        />
        <TextField
          label="Size (bytes)"
          size="small"
          type="number"
          value={question.size}
          onChange={(event) => {
            put({ size: event.target.value });
          }}
        />
        {!compact && (
          <TextField
            label="By the routes of"
            size="small"
            type="datetime-local"
            value={question.at}
            onChange={(event) => {
              put({ at: event.target.value });
            }}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        )}
        <Button
          variant={compact ? 'outlined' : 'contained'}
          disabled={!question.path || answer.isPending}
          onClick={ask}
        >
          Explain
        </Button>
      </Box>
      <Box sx={{ mt: 2 }} aria-live="polite">
        {answer.error && <Problem error={answer.error} />}
        {answer.data && <Explained answer={answer.data} compact={compact} highlight={highlight} />}
      </Box>
    </div>
  );
}
