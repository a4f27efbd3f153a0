/** Who has to know of an alarm, and how soon. */
export enum AlertSeverity {
  /** Users are turned away, or soon will be: somebody is woken. */
  CRITICAL = 'critical',
  /** Somebody looks at it during the day. */
  WARNING = 'warning',
}
