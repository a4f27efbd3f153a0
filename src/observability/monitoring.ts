import { Annotations, Names, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import { AlarmOverview } from './alarm-overview';
import { Alert } from './alert';
import { AlertRoute } from './alert-route';
import { AlertSeverity } from './alert-severity';
import { AlertTopic, createAlertTopic } from './alert-topic';
import { PlatformHealth } from './platform-health';
import { validateMonitoring } from './validate-monitoring';
import { IWatched } from './watched';
import { keyBeside } from '../encryption/key-beside';
import { ALARMS, allowForTopics } from '../encryption/topic-key';
import { EnvironmentProfile } from '../environment';
import { EDGE_REGION } from '../environment/edge-region';
import { PlatformError } from '../errors';
import { checkGiven, checkKind } from '../validate';

/** Properties of a `Monitoring`. */
export interface MonitoringProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Blocks to watch.
   * @default - none; `watch()` adds them
   */
  readonly watched?: IWatched[];
  /**
   * Topic that alarms are published to. It must let CloudWatch publish, and EventBridge where a block has events.
   * @default - one is made
   */
  readonly topic?: sns.ITopic;
  /**
   * Topic in us-east-1 for the alarms that have to be there, such as those of CloudFront and its certificate: an alarm can publish in its own region only.
   * It must let CloudWatch and EventBridge publish. Used where `topic` is in another region.
   * @default - one is made beside such alarms, with the same addresses, and encrypted with a key of its own where `encryptionKey` is given
   */
  readonly edgeTopic?: sns.ITopic;
  /**
   * Addresses that are told. Each gets a message to confirm first, and is told nothing before it did.
   * @default - none
   */
  readonly emails?: string[];
  /**
   * Further ways to tell people, such as `AlertRoute.pagerDuty(…)` for critical alarms and `AlertRoute.slack(…)` for all.
   * @default - none
   */
  readonly routes?: AlertRoute[];
  /**
   * Topic for critical alarms alone, which are published on `topic` too. It must let CloudWatch publish.
   * @default - one is made where a route is for critical alarms only
   */
  readonly criticalTopic?: sns.ITopic;
  /**
   * Folder of the runbooks that the texts of alarms point to, without a slash at its end. A team that copies and changes the pages gives its own.
   * @default - docs/runbooks of this library on GitHub
   */
  readonly runbookUrl?: string;
  /**
   * Key that encrypts messages on the topic that is made. CloudWatch is allowed to use it. No key works in another region: a topic that is made
   * beside alarms elsewhere gets an `EncryptionKey` of its own (1 USD a month).
   * @default - not encrypted: through AWS's own key for SNS CloudWatch could not publish, and alarms would be silent
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether there is a dashboard (3 USD a month after the first three of an account) and addresses are subscribed.
   * @default - the profile's
   */
  readonly alarms?: boolean;
  /**
   * Name of the dashboard: letters, digits, hyphens and underscores.
   * @default - CloudFormation makes one
   */
  readonly dashboardName?: string;
}

/** Tells people: publishes every alarm of the blocks it watches, and its end, on a topic, and draws one dashboard with a row for each block. */
export class Monitoring extends Construct {
  /**
   * Says that an alarm of your own is critical. Blocks of this library know it of theirs.
   *
   * @param alarm an alarm that is not watched yet
   */
  public static markCritical(alarm: cloudwatch.AlarmBase): void {
    Alert.of(alarm).severity = AlertSeverity.CRITICAL;
  }

  /** Where alarms are published. Subscribe a chat or a pager here. */
  public readonly topic: sns.ITopic;
  /** Where critical alarms alone are published; undefined where nobody is told of them separately. */
  public readonly criticalTopic?: sns.ITopic;
  /** The dashboard; undefined where alarms are off. */
  public readonly dashboard?: cloudwatch.Dashboard;

  private readonly profile: EnvironmentProfile;
  private readonly blocks = new Set<IWatched>();
  private readonly tells: boolean;
  private readonly home: AlertTopic;
  private readonly elsewhere = new Map<string, AlertTopic>();
  private readonly critical?: AlertTopic;
  private readonly criticalAlarms: cloudwatch.IAlarm[] = [];
  private health?: PlatformHealth;

  constructor(scope: Construct, id: string, private readonly props: MonitoringProps = {}) {
    super(scope, id);
    validateMonitoring(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.tells = props.alarms ?? this.profile.alarms;

    this.topic = props.topic ?? this.createTopic();
    this.home = new AlertTopic(this, this.topic, props.topic ? undefined : props.encryptionKey);
    this.critical = this.createCriticalTopic();
    this.criticalTopic = this.critical?.topic;
    if (this.tells) {
      this.home.subscribe(props.emails ?? []);
      this.connect(this, AlertSeverity.WARNING, this.topic);
      this.connect(this, AlertSeverity.CRITICAL, this.criticalTopic);
      this.dashboard = this.createDashboard();
    }
    for (const block of props.watched ?? []) this.watch(block);
  }

  /** All alarms that are published, in the order in which their blocks were watched. */
  public get alarms(): cloudwatch.Alarm[] {
    return [...this.blocks].flatMap(block => block.alarms);
  }

  /**
   * Is in alarm while any critical alarm of this region is (0.50 USD a month). It is made when it is asked for; undefined where alarms are off, or where
   * nothing that is watched so far has a critical alarm.
   */
  public get unhealthyAlarm(): cloudwatch.CompositeAlarm | undefined {
    if (this.health === undefined && this.criticalAlarms.length > 0) {
      this.health = new PlatformHealth(this, 'Health');
      for (const alarm of this.criticalAlarms) this.health.add(alarm);
    }
    return this.health?.alarm;
  }

  /** Where alarms of other regions are published. Subscribe a chat or a pager here too; empty where all alarms are in the region of `topic`. */
  public get edgeTopics(): sns.ITopic[] {
    return [...new Set([...this.elsewhere.values()].map(({ topic }) => topic))];
  }

  /**
   * Watches a block as it is now: its alarms are published from here on, and its row is drawn. A block that is watched already is left as it is.
   *
   * @param block what to watch
   */
  public watch(block: IWatched): void {
    checkGiven(this, 'block', block, 'a block that implements IWatched');
    checkKind(this, 'block', block, 'dashboardWidgets', 'a block that implements IWatched');
    if (this.blocks.has(block)) return;
    this.checkPlace(block);
    this.blocks.add(block);

    for (const alarm of [...block.alarms, ...block.compositeAlarms ?? []]) this.publish(alarm);
    for (const event of block.events ?? []) this.topicFor(event.rule).tell(event, this.props.runbookUrl);
    this.addRow(block);
    this.warnOfSilence(block);
  }

  private createTopic(): sns.Topic {
    const topic = createAlertTopic(this, 'Topic', this.props.encryptionKey);
    this.allowKey(this.props.encryptionKey);
    return topic;
  }

  private createCriticalTopic(): AlertTopic | undefined {
    const { criticalTopic, encryptionKey, routes = [] } = this.props;
    if (criticalTopic) return new AlertTopic(this, criticalTopic);
    if (!routes.some(({ _criticalOnly }) => _criticalOnly)) return undefined;
    const topic = createAlertTopic(this, 'CriticalTopic', encryptionKey);
    this.allowKey(encryptionKey);
    return new AlertTopic(this, topic, encryptionKey);
  }

  private publish(alarm: cloudwatch.Alarm | cloudwatch.CompositeAlarm): void {
    const alert = Alert.of(alarm);
    if (this.props.runbookUrl !== undefined) alert.runbooks = this.props.runbookUrl;
    this.topicFor(alarm).publish(alarm);
    if (alert.severity !== AlertSeverity.CRITICAL) return;
    if (this.critical) this.topicFor(alarm, AlertSeverity.CRITICAL).publish(alarm);
    if (!this.tells || this.isElsewhere(Stack.of(alarm))) return;
    this.criticalAlarms.push(alarm);
    this.health?.add(alarm);
  }

  private topicFor(source: IConstruct, severity = AlertSeverity.WARNING): AlertTopic {
    const stack = Stack.of(source);
    if (!this.isElsewhere(stack)) return severity === AlertSeverity.CRITICAL ? this.critical! : this.home;
    const key = `${stack.node.addr} ${severity}`;
    const create = () => severity === AlertSeverity.CRITICAL ? this.createCriticalTopicBeside(stack) : this.createTopicBeside(stack);
    const topic = this.elsewhere.get(key) ?? create();
    this.elsewhere.set(key, topic);
    return topic;
  }

  /** In the stack of the alarms, which may be deployed before this one and refers to nothing in it. */
  private createTopicBeside(stack: Stack): AlertTopic {
    const { edgeTopic, emails = [], topic: given, encryptionKey } = this.props;
    if (edgeTopic && stack.region === EDGE_REGION) return new AlertTopic(this, edgeTopic);
    const key = keyBeside(stack, given ? undefined : encryptionKey, this.profile);
    const topic = new AlertTopic(this, createAlertTopic(stack, `Alerts${Names.uniqueId(this)}`, key));
    if (!this.tells) return topic;
    const known = emails.filter(email => !Token.isUnresolved(email));
    topic.subscribe(known);
    const reached = this.connect(topic.topic, AlertSeverity.WARNING, topic.topic);
    const routes = this.routesFor(AlertSeverity.WARNING);
    if (!reached || known.length < emails.length || known.length + routes.length === 0) this.warnOfSilentRegion(stack.region);
    return topic;
  }

  private createCriticalTopicBeside(stack: Stack): AlertTopic {
    const key = keyBeside(stack, this.props.encryptionKey, this.profile);
    const topic = new AlertTopic(this, createAlertTopic(stack, `CriticalAlerts${Names.uniqueId(this)}`, key));
    if (!this.tells) return topic;
    const reached = this.connect(topic.topic, AlertSeverity.CRITICAL, topic.topic);
    if (!reached || this.routesFor(AlertSeverity.CRITICAL).length === 0) this.warnOfSilentRegion(stack.region);
    return topic;
  }

  private routesFor(severity: AlertSeverity): AlertRoute[] {
    return (this.props.routes ?? []).filter(({ _criticalOnly }) => _criticalOnly === (severity === AlertSeverity.CRITICAL));
  }

  /** Whether all routes can be connected with the topic. */
  private connect(scope: Construct, severity: AlertSeverity, topic: sns.ITopic | undefined): boolean {
    if (!topic) return true;
    const routes = this.routesFor(severity);
    const possible = routes.filter(({ _crossesRegions }) => _crossesRegions || !this.isElsewhere(Stack.of(scope)));
    for (const route of possible) {
      const among = routes.filter(({ _kind }) => _kind === route._kind).indexOf(route);
      route._bind(scope, `${severity === AlertSeverity.CRITICAL ? 'Critical' : ''}${route._kind}${among > 0 ? among + 1 : ''}`, topic);
    }
    return possible.length === routes.length;
  }

  private isElsewhere({ region }: Stack): boolean {
    return !Token.isUnresolved(region) && !Token.isUnresolved(this.topic.env.region) && region !== this.topic.env.region;
  }

  private allowKey(key: kms.IKey | undefined): void {
    const result = key?.addToResourcePolicy(allowForTopics(this, ALARMS), true);
    if (!result || result.statementAdded) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:alarmKeyPolicy',
      'The policy of an imported key cannot be changed from here. Alarms are silent unless it lets cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*.');
  }

  private everyAlarm(): cloudwatch.AlarmBase[] {
    const unhealthy = this.health ? [this.health.alarm] : [];
    return [...unhealthy, ...[...this.blocks].flatMap(block => [...block.compositeAlarms ?? [], ...block.alarms])];
  }

  private createDashboard(): cloudwatch.Dashboard {
    return new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: this.props.dashboardName,
      // CloudFormation makes this dashboard before alarms that are elsewhere, so it cannot name them; their metrics are in the rows of their blocks.
      widgets: [[new AlarmOverview(() => this.everyAlarm().filter(alarm => !this.isElsewhere(Stack.of(alarm))))]],
    });
  }

  private addRow(block: IWatched): void {
    const widgets = block.dashboardWidgets();
    if (widgets.length === 0) return;
    const title = block.node.path.slice(Stack.of(block).node.path.length + 1).split('/').join(' / ');
    this.dashboard?.addWidgets(new cloudwatch.TextWidget({
      markdown: `## ${title}${this.whereabouts(block)}`,
      width: 24,
      height: 1,
      background: cloudwatch.TextWidgetBackground.TRANSPARENT,
    }));
    this.dashboard?.addWidgets(...widgets);
  }

  private whereabouts(block: IWatched): string {
    const regions = new Set(block.alarms.map(alarm => Stack.of(alarm)).filter(stack => this.isElsewhere(stack)).map(({ region }) => region));
    return regions.size > 0 ? ` (alarms in ${[...regions].join(', ')})` : '';
  }

  /** The dashboard needs the block and the block's alarms need the topic: over two stacks, that is a circle. */
  private checkPlace(block: IWatched): void {
    if (block.alarms.length + (block.compositeAlarms ?? []).length === 0) return;
    const home = Stack.of(block);
    const { region } = this.topic.env;
    if (this.isElsewhere(home)) {
      throw new PlatformError(this, {
        problem: 'an alarm can only be published in its own region.',
        got: `${block.node.path} in ${home.region}, topic in ${region}`,
        allowed: `blocks in ${region}`,
        fix: `make another Monitoring in the stack ${home.node.path}`,
      });
    }
    const own = [this.topic, this.criticalTopic].some(topic => topic && Stack.of(topic) === Stack.of(this));
    if (home === Stack.of(this) || !this.tells || !own) return;
    throw new PlatformError(this, {
      problem: 'a block in another stack needs the topic, and the dashboard needs the block: the two stacks would depend on each other.',
      got: `${block.node.path} in ${home.node.path}, topic in ${Stack.of(this).node.path}`,
      allowed: `blocks in ${Stack.of(this).node.path}, or a topic from outside of it`,
      fix: 'give a topic that another stack makes, or make another Monitoring in the stack of the block',
    });
  }

  private warnOfSilence(block: IWatched): void {
    if (this.tells || block.alarms.length === 0 || this.props.topic || !this.props.emails?.length) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:silentAlarms',
      `${block.node.path} has alarms, but alarms are off here, so that nobody is subscribed. Set alarms to true.`);
  }

  private warnOfSilentRegion(region: string): void {
    Annotations.of(this).addWarningV2('cdk-web-platform:silentRegion',
      `Alarms in ${region} can be published there only, and not everybody is told of them: give emails as plain text, or an edgeTopic in ${region}. Slack is not reached from there.`);
  }
}
