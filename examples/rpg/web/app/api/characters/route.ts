import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { NextResponse, type NextRequest } from 'next/server';
import { signedInPlayer } from '../../../lib/authentication';
import { CALLINGS } from '../../../lib/characters';
import { problem, readObject } from '../../../lib/request';
import { setting } from '../../../lib/settings';

const table = DynamoDBDocumentClient.from(new DynamoDBClient());

/** The player's characters, oldest first. */
export async function GET(request: NextRequest): Promise<NextResponse> {
  const player = await signedInPlayer(request);
  if (!player) {
    return problem(401, 'Sign in first.');
  }
  const answer = await table.send(new QueryCommand({
    TableName: setting('DYNAMODB_TABLE_NAME'),
    IndexName: 'GSI1',
    KeyConditionExpression: 'GSI1PK = :player',
    ExpressionAttributeValues: { ':player': `PLAYER#${player}` },
    Limit: 100,
  }));
  const characters = (answer.Items ?? []).map(({ id, name, calling, createdAt }) => ({ id, name, calling, createdAt }));
  return NextResponse.json({ characters });
}

export async function POST(request: NextRequest): Promise<NextResponse> {
  const player = await signedInPlayer(request);
  if (!player) {
    return problem(401, 'Sign in first.');
  }
  const { name, calling } = await readObject(request);
  if (typeof name !== 'string' || name.trim() === '' || name.length > 40) {
    return problem(400, 'name must be a text of 1 to 40 characters.');
  }
  if (typeof calling !== 'string' || !CALLINGS.includes(calling)) {
    return problem(400, `calling must be one of ${CALLINGS.join(', ')}.`);
  }
  const character = { id: randomUUID(), name: name.trim(), calling, createdAt: new Date().toISOString() };
  await table.send(new PutCommand({
    TableName: setting('DYNAMODB_TABLE_NAME'),
    Item: {
      PK: `CHARACTER#${character.id}`,
      SK: 'CHARACTER',
      GSI1PK: `PLAYER#${player}`,
      GSI1SK: `CHARACTER#${character.createdAt}#${character.id}`,
      ...character,
    },
    ConditionExpression: 'attribute_not_exists(PK)',
  }));
  return NextResponse.json(character, { status: 201 });
}
