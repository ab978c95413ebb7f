import { Layout as RaLayout, type LayoutProps } from 'react-admin';

import { useTenant } from '../auth/IdentityContext';
import { Bar } from './Bar';
import { ErrorPage } from './ErrorPage';
import { OfflineNotice } from './OfflineNotice';
import { SessionEnded } from './SessionEnded';
import { useDocumentTitle } from './useDocumentTitle';
import { ViewMenu } from './ViewMenu';

/** Bar, menu and place of every view. */
export function Layout({ children, ...props }: LayoutProps) {
  useDocumentTitle(useTenant());
  return (
    <RaLayout {...props} appBar={Bar} menu={ViewMenu} error={ErrorPage} appBarAlwaysOn>
      <OfflineNotice />
      {children}
      <SessionEnded />
    </RaLayout>
  );
}
