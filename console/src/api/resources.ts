import type { OperationId } from '../auth/roles';

/** How a resource of react-admin is kept by the API. */
export interface ResourceMap {
  list?: OperationId;
  read?: OperationId;
  create?: OperationId;
  replace?: OperationId;
  /** The part of the address that names a record. */
  part: string;
  /** The field that identifies a record. */
  id: string;
  /** Filters that the API knows; others are applied to the page that it gives. */
  filters?: readonly string[];
}

export const RESOURCES: Record<string, ResourceMap> = {
  jobs: {
    list: 'listJobs',
    read: 'readJob',
    part: 'job_id',
    id: 'job_id',
    filters: ['status', 'route', 'since', 'until', 'filename'],
  },
  quarantine: {
    list: 'listJobs',
    read: 'readJob',
    part: 'job_id',
    id: 'job_id',
    filters: ['status', 'route', 'since', 'until', 'filename'],
  },
  'bulk-actions': { list: 'listBulkActions', read: 'readBulkAction', part: 'bulk', id: 'id' },
  users: {
    list: 'listUsers',
    read: 'readUser',
    create: 'createUser',
    replace: 'replaceUser',
    part: 'user',
    id: 'id',
  },
  routes: {
    list: 'listRoutes',
    read: 'readRoute',
    create: 'createRoute',
    replace: 'replaceRoute',
    part: 'route',
    id: 'id',
  },
  destinations: {
    list: 'listDestinations',
    read: 'readDestination',
    create: 'createDestination',
    replace: 'replaceDestination',
    part: 'destination',
    id: 'id',
  },
  'key-rings': {
    list: 'listKeyRings',
    read: 'readKeyRing',
    create: 'createKeyRing',
    replace: 'replaceKeyRing',
    part: 'ring',
    id: 'id',
  },
  expectations: {
    list: 'listExpectations',
    read: 'readExpectation',
    create: 'createExpectation',
    replace: 'replaceExpectation',
    part: 'expectation',
    id: 'id',
  },
  subscriptions: {
    list: 'listSubscriptions',
    read: 'readSubscription',
    create: 'createSubscription',
    replace: 'replaceSubscription',
    part: 'subscription',
    id: 'id',
  },
  clients: {
    list: 'listClients',
    read: 'readClient',
    create: 'createClient',
    replace: 'replaceClient',
    part: 'client',
    id: 'id',
  },
  tenants: {
    list: 'listTenants',
    read: 'readTenant',
    create: 'createTenant',
    replace: 'replaceTenant',
    part: 'tenant',
    id: 'id',
  },
  audit: { list: 'listAudit', part: '', id: 'request_id', filters: ['since', 'until'] },
};
