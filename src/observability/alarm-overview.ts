import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

const WIDTH = 24;
const HEIGHT = 4;

/** What one alarm widget of a dashboard can show. */
const ALARMS_PER_WIDGET = 100;

/**
 * The state of all alarms at a glance. Reads the list when the dashboard is rendered, so that blocks watched later are in it;
 * CloudWatch refuses an alarm widget without alarms, so there is a text instead while there are none.
 */
export class AlarmOverview extends cloudwatch.ConcreteWidget {
  constructor(private readonly alarms: () => cloudwatch.IAlarm[]) {
    super(WIDTH, HEIGHT);
  }

  /** The widget as the dashboard's JSON has it. */
  public toJson(): ReturnType<cloudwatch.ConcreteWidget['toJson']> {
    const row = new cloudwatch.Row(...this.parts());
    row.position(this.x ?? 0, this.y ?? 0);
    return row.toJson();
  }

  // Not called "widgets": a dashboard takes that for a list of children.
  private parts(): cloudwatch.IWidget[] {
    const alarms = this.alarms();
    if (alarms.length === 0) {
      return [new cloudwatch.TextWidget({ markdown: 'Nothing that is watched has an alarm yet.', width: WIDTH, height: HEIGHT })];
    }
    const widgets = Math.ceil(alarms.length / ALARMS_PER_WIDGET);
    return Array.from({ length: widgets }, (_, index) => new cloudwatch.AlarmStatusWidget({
      title: 'Alarms',
      alarms: alarms.slice(index * ALARMS_PER_WIDGET, (index + 1) * ALARMS_PER_WIDGET),
      width: Math.floor(WIDTH / widgets),
      height: HEIGHT,
    }));
  }
}
