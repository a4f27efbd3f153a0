import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DeploymentConfiguration } from './deployments-model';

const MILLISECONDS_BETWEEN_LOOKS = 200;

/** The alarms that stop one deployment. */
export class DeploymentAlarms {
  public readonly names: readonly string[];
  public triggered: readonly string[] = [];
  /** Those of https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentAlarms.html */
  public status: 'DISABLED' | 'MONITORING' | 'MONITORING_COMPLETE' | 'TRIGGERED' = 'DISABLED';
  private timer?: NodeJS.Timeout;

  constructor({ Alarms: alarms }: DeploymentConfiguration, private readonly client: CloudWatchClient) {
    this.names = alarms?.Enable ? alarms.AlarmNames : [];
  }

  /**
   * Looks once before the deployment: where an alarm is on already, ECS ignores all of them for this deployment, which may well
   * be the one that mends what is wrong. Answers the alarms that are on.
   */
  public async begin(): Promise<readonly string[]> {
    const on = await this.alarmsThatAreOn();
    this.status = this.names.length > 0 && on.length === 0 ? 'MONITORING' : 'DISABLED';
    return on;
  }

  /** Looks until `end`. */
  public watch(onAlarm: (names: readonly string[]) => void): void {
    if (this.status !== 'MONITORING' || this.timer) return;
    const look = async () => {
      const on = await this.alarmsThatAreOn().catch(() => []);
      if (this.status !== 'MONITORING') return;
      if (on.length > 0) {
        this.end('TRIGGERED');
        this.triggered = on;
        onAlarm(on);
        return;
      }
      this.timer = setTimeout(() => void look(), MILLISECONDS_BETWEEN_LOOKS);
    };
    this.timer = setTimeout(() => void look(), 0);
  }

  public end(status: 'MONITORING_COMPLETE' | 'TRIGGERED' = 'MONITORING_COMPLETE'): void {
    clearTimeout(this.timer);
    if (this.status === 'MONITORING') this.status = status;
  }

  private async alarmsThatAreOn(): Promise<string[]> {
    if (this.names.length === 0) return [];
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.client.send(new DescribeAlarmsCommand({
      AlarmNames: [...this.names], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    }));
    return [...MetricAlarms, ...CompositeAlarms].filter(({ StateValue }) => StateValue === 'ALARM').map(({ AlarmName }) => AlarmName!);
  }
}
