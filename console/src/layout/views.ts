import type { SvgIconComponent } from '@mui/icons-material';
import Audit from '@mui/icons-material/HistoryEdu';
import Bulk from '@mui/icons-material/DynamicFeed';
import Clients from '@mui/icons-material/SmartToy';
import Dashboard from '@mui/icons-material/SpaceDashboard';
import DeadLetters from '@mui/icons-material/MarkunreadMailbox';
import Destinations from '@mui/icons-material/Outbox';
import Expectations from '@mui/icons-material/EventAvailable';
import Explain from '@mui/icons-material/ManageSearch';
import Jobs from '@mui/icons-material/SwapHoriz';
import KeyRings from '@mui/icons-material/VpnKey';
import Platform from '@mui/icons-material/Public';
import Quarantine from '@mui/icons-material/GppMaybe';
import Routes from '@mui/icons-material/AltRoute';
import Subscriptions from '@mui/icons-material/NotificationsActive';
import Tenants from '@mui/icons-material/Business';
import Users from '@mui/icons-material/People';
import Workflows from '@mui/icons-material/AccountTree';

import type { OperationId } from '../auth/roles';

export interface View {
  /** Below `/t/TENANT/`. */
  path: string;
  label: string;
  Icon: SvgIconComponent;
  /** Whoever may not perform it is not offered the view. */
  operation: OperationId;
}

export interface ViewGroup {
  label: string;
  views: readonly View[];
}

/** The menu, from top to bottom. */
export const VIEW_GROUPS: readonly ViewGroup[] = [
  {
    label: 'Operate',
    views: [
      { path: '', label: 'Dashboard', Icon: Dashboard, operation: 'readStatistics' },
      { path: 'jobs', label: 'Jobs', Icon: Jobs, operation: 'listJobs' },
      { path: 'quarantine', label: 'Quarantine', Icon: Quarantine, operation: 'listJobs' },
      { path: 'bulk-actions', label: 'Bulk actions', Icon: Bulk, operation: 'listBulkActions' },
    ],
  },
  {
    label: 'Configure',
    views: [
      { path: 'routes', label: 'Routes', Icon: Routes, operation: 'listRoutes' },
      { path: 'destinations', label: 'Destinations', Icon: Destinations, operation: 'listDestinations' },
      { path: 'users', label: 'Users', Icon: Users, operation: 'listUsers' },
      { path: 'key-rings', label: 'Key rings', Icon: KeyRings, operation: 'listKeyRings' },
      { path: 'expectations', label: 'Expectations', Icon: Expectations, operation: 'listExpectations' },
      { path: 'subscriptions', label: 'Subscriptions', Icon: Subscriptions, operation: 'listSubscriptions' },
      { path: 'clients', label: 'Clients', Icon: Clients, operation: 'listClients' },
    ],
  },
  {
    label: 'Look up',
    views: [
      { path: 'explain', label: 'Explain', Icon: Explain, operation: 'explain' },
      { path: 'workflows', label: 'Workflows', Icon: Workflows, operation: 'listWorkflows' },
      { path: 'audit', label: 'Audit', Icon: Audit, operation: 'listAudit' },
    ],
  },
  {
    label: 'Platform',
    views: [
      { path: 'platform', label: 'Overview', Icon: Platform, operation: 'readPlatformStatistics' },
      { path: 'tenants', label: 'Tenants', Icon: Tenants, operation: 'createTenant' },
      { path: 'dead-letters', label: 'Dead letters', Icon: DeadLetters, operation: 'listDeadLetters' },
    ],
  },
];

/** Stands for the tenant in addresses of the platform's views while there is no tenant; no tenant can be called so. */
export const NO_TENANT = '-';
