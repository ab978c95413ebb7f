import MarkEmailRead from '@mui/icons-material/MarkEmailRead';
import {
  Alert,
  Button,
  Link as MuiLink,
  MenuItem,
  Skeleton,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm, Title, useNotify } from 'react-admin';
import { Link, useSearchParams } from 'react-router-dom';

import type { ApiError } from '../api/client';
import type { components } from '../api/schema';
import { useClient } from '../api/useClient';
import { Empty } from '../shared/Empty';
import { Problem } from '../shared/Problem';
import { Section } from '../shared/Section';
import { Time } from '../shared/Time';
import { useLive } from '../shared/useLive';

type Letters = components['schemas']['DeadLetterList'];
type Letter = Letters['items'][number];
type Queue = Letter['queue'];
type Sent = components['schemas']['SentList'];

const QUEUES: Record<Queue, string> = {
  ingest: 'Router (files that came in)',
  work: 'Worker (runs that it gave up)',
  bulk: 'Bulk actions',
};

/** Messages that nobody could take; sending them again is for platform admins. */
export default function DeadLetters() {
  const [query, setQuery] = useSearchParams();
  const queue = asQueue(query.get('queue'));
  const { data, error, refetch, isFetching } = useLive<Letters>(
    'listDeadLetters',
    { query: { queue } },
    { every: 0 },
  );
  return (
    <Stack spacing={2} sx={{ py: 2, minWidth: 0 }}>
      <Title title="Dead letters" />
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap', alignItems: 'center' }}>
        <TextField
          select
          size="small"
          label="Queue"
          value={queue}
          onChange={({ target }) => {
            setQuery({ queue: target.value }, { replace: true });
          }}
          sx={{ minWidth: 260 }}
        >
          {Object.entries(QUEUES).map(([name, text]) => (
            <MenuItem key={name} value={name}>
              {text}
            </MenuItem>
          ))}
        </TextField>
        <Button size="small" loading={isFetching} onClick={() => void refetch()}>
          Look again
        </Button>
      </Stack>
      {error && <Problem error={error} title="The queue cannot be read" again={() => void refetch()} />}
      {!data && !error && <Skeleton variant="rounded" height={200} />}
      {data && <Messages letters={data} queue={queue} onSent={() => void refetch()} />}
    </Stack>
  );
}

function asQueue(text: string | null): Queue {
  return text === 'ingest' || text === 'bulk' ? text : 'work';
}

function Messages({ letters, queue, onSent }: { letters: Letters; queue: Queue; onSent: () => void }) {
  const [asking, setAsking] = useState<Letter[]>();
  if (letters.items.length === 0) {
    return (
      <Empty title="No dead letters" Icon={MarkEmailRead}>
        Nothing was given up in this queue.
      </Empty>
    );
  }
  return (
    <Section
      title={`${String(letters.items.length)} messages`}
      action={
        <Button
          size="small"
          variant="contained"
          onClick={() => {
            setAsking(letters.items);
          }}
        >
          Send all again
        </Button>
      }
    >
      {!letters.complete && <Alert severity="info">There may be more: look again.</Alert>}
      <TableContainer>
        <Table size="small" aria-label="Dead letters">
          <TableHead>
            <TableRow>
              <TableCell>First sent</TableCell>
              <TableCell>What</TableCell>
              <TableCell>Why</TableCell>
              <TableCell />
            </TableRow>
          </TableHead>
          <TableBody>
            {letters.items.map((letter) => (
              <Row
                key={letter.message_id}
                letter={letter}
                onAgain={() => {
                  setAsking([letter]);
                }}
              />
            ))}
          </TableBody>
        </Table>
      </TableContainer>
      {asking && (
        <SendAgain
          letters={asking}
          queue={queue}
          onClose={(sent) => {
            setAsking(undefined);
            if (sent) onSent();
          }}
        />
      )}
    </Section>
  );
}

function Row({ letter, onAgain }: { letter: Letter; onAgain: () => void }) {
  const job = letter.tenant && letter.job_id ? `/t/${letter.tenant}/jobs/${letter.job_id}/show` : undefined;
  return (
    <TableRow sx={{ verticalAlign: 'top' }}>
      <TableCell>
        <Time at={letter.at} />
      </TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 180 }}>
        {job ? (
          <MuiLink component={Link} to={job}>
            {letter.filename ?? letter.job_id}
          </MuiLink>
        ) : (
          (letter.filename ?? letter.message_id)
        )}
        <Typography variant="caption" color="text.secondary" sx={{ display: 'block' }}>
          {letter.tenant}
          {letter.run ? `, run ${String(letter.run)}` : ''}
        </Typography>
        <details>
          <summary>Message</summary>
          <code>{letter.body}</code>
        </details>
      </TableCell>
      <TableCell sx={{ minWidth: 220 }}>
        {letter.error && <strong>{letter.error} </strong>}
        {letter.reason}
      </TableCell>
      <TableCell align="right">
        <Button size="small" onClick={onAgain}>
          Send again
        </Button>
      </TableCell>
    </TableRow>
  );
}

interface SendProps {
  letters: readonly Letter[];
  queue: Queue;
  onClose: (sent: boolean) => void;
}

function SendAgain({ letters, queue, onClose }: SendProps) {
  const client = useClient();
  const notify = useNotify();
  const [comment, setComment] = useState('');
  const send = useMutation<Sent, ApiError>({
    mutationFn: async () => {
      const body = { queue, comment, message_ids: letters.slice(0, 100).map(({ message_id: id }) => id) };
      return (await client.call<Sent>('sendDeadLettersAgain', { body, idempotencyKey: crypto.randomUUID() }))
        .data;
    },
    onSuccess: ({ items }) => {
      const sent = items.filter((item) => item.sent).length;
      notify(`${String(sent)} of ${String(letters.length)} messages were sent again.`, { type: 'info' });
      onClose(true);
    },
  });
  return (
    <Confirm
      isOpen
      loading={send.isPending}
      title={`Send ${String(letters.length)} again?`}
      content={
        <Stack spacing={2}>
          <Typography variant="body2">
            {queue === 'work'
              ? 'The jobs are redriven: a new run keeps what is finished.'
              : 'The messages go back to their queue.'}
          </Typography>
          <TextField
            label="Comment"
            value={comment}
            onChange={({ target }) => {
              setComment(target.value);
            }}
          />
          {send.error && <Problem error={send.error} title="They were not sent" />}
        </Stack>
      }
      confirm="Send again"
      cancel="Leave them"
      onConfirm={() => {
        send.mutate();
      }}
      onClose={() => {
        onClose(false);
      }}
    />
  );
}
