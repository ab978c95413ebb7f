import { JobTable } from '../jobs/JobList';

/** Files that wait for a decision, and those that were refused for good. */
export default function QuarantineList() {
  return <JobTable title="Quarantine" status="QUARANTINED" />;
}
