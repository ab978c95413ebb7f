import type { Config } from '../config';
import type { Run } from './job';

export interface AwsLink {
  name: string;
  href: string;
}

/** Pages of AWS's own console about one run; none where the system does not run on AWS. */
export function awsLinks(config: Config, jobId: string, run: Run): AwsLink[] {
  const { awsConsole, region, logGroups } = config;
  if (!awsConsole || !region) return [];
  const base = awsConsole.replace(/\/$/, '');
  const cloudwatch = `${base}/cloudwatch/home?region=${region}`;
  const { from, to } = windowOf(run);
  const links: AwsLink[] = [];
  if (run.execution_arn) {
    const machine = run.execution_arn.split(':')[6] ?? '';
    links.push(
      {
        name: 'Execution',
        href: `${base}/states/home?region=${region}#/v2/executions/details/${run.execution_arn}`,
      },
      { name: 'X-Ray traces', href: `${cloudwatch}#xray:traces/query?${tracesQuery(machine, from, to)}` },
    );
  }
  const groups = Object.values(logGroups ?? {});
  if (groups.length > 0)
    links.push({
      name: 'Logs',
      href: `${cloudwatch}#logsV2:logs-insights${insights(jobId, groups, from, to)}`,
    });
  return links;
}

/** From a minute before the run to a minute after its end. */
function windowOf(run: Run): { from: string; to: string } {
  const minute = 60_000;
  const begin = Date.parse(run.started_at ?? '') || Date.now();
  const end = run.ended_at ? Date.parse(run.ended_at) : Date.now();
  return { from: new Date(begin - minute).toISOString(), to: new Date(end + minute).toISOString() };
}

function tracesQuery(machine: string, from: string, to: string): string {
  const filter = `service(id(name: "${machine}", type: "AWS::StepFunctions::StateMachine"))`;
  return `~(query~'${jsurl(filter)}~timeRange~(start~'${jsurl(from)}~end~'${jsurl(to)}))`;
}

/** The console's own notation of a Logs Insights query in an address. */
function insights(jobId: string, groups: readonly string[], from: string, to: string): string {
  const query = `fields @timestamp, @log, level, message\n| filter @message like "${jobId}"\n| sort @timestamp asc\n| limit 1000`;
  const sources = groups.map((group) => `~'${jsurl(group)}`).join('');
  const detail = `~(end~'${jsurl(to)}~start~'${jsurl(from)}~timeType~'ABSOLUTE~tz~'UTC~editorString~'${jsurl(query)}~source~(${sources}))`;
  return `$3FqueryDetail$3D${encodeURIComponent(detail).replaceAll('%', '$').replaceAll("'", '$27')}`;
}

/** Strings in that notation: letters and digits as they are, others as `*` and two hexadecimal digits. */
function jsurl(text: string): string {
  return text.replace(/[^\w.-]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `*${code.toString(16).padStart(2, '0')}` : `**${code.toString(16).padStart(4, '0')}`;
  });
}
