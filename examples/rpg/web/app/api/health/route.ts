import { NextResponse } from 'next/server';
import { missingSettings, REQUIRED_SETTINGS } from '../../../lib/settings';

export const dynamic = 'force-dynamic';

/** Names only: this page is public. */
export function GET(): NextResponse {
  const missing = missingSettings();
  const present = REQUIRED_SETTINGS.filter((name) => !missing.includes(name));
  const healthy = missing.length === 0;
  return NextResponse.json({ status: healthy ? 'healthy' : 'unhealthy', present, missing }, { status: healthy ? 200 : 503 });
}
