import { randomInt } from 'crypto';

/** A role and its password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Where a database answers. */
export interface Address {
  readonly host: string;
  readonly port: string;
  readonly dbname: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 48 letters and digits (285 bits), so that even a client that does not encode them gets them right. */
export function generatePassword(): string {
  return Array.from({ length: 48 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

// encodeURIComponent leaves !'()* alone, which some URL parsers do not take in a password.
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The libpq URL of a login, which is what `DATABASE_URL` holds. */
export function connectionUrl(login: Login, address: Address): string {
  return `postgresql://${percentEncode(login.username)}:${percentEncode(login.password)}@${address.host}:${address.port}/${percentEncode(address.dbname)}?sslmode=require`;
}

/** The fields of a secret. All are strings, so that each can be injected into a container as it is. */
export function loginFields(login: Login, address: Address): { [key: string]: string } {
  return {
    engine: 'postgres',
    host: address.host,
    port: address.port,
    dbname: address.dbname,
    username: login.username,
    password: login.password,
    sslmode: 'require',
    url: connectionUrl(login, address),
  };
}

/** The object in a secret's value; an empty one if it holds none. */
export function parseFields(value: string | undefined): { [key: string]: unknown } {
  try {
    const parsed: unknown = JSON.parse(value ?? '{}');
    return typeof parsed === 'object' && parsed !== null ? parsed as { [key: string]: unknown } : {};
  } catch {
    return {};
  }
}

/** The login in a secret's value; nothing if the value is the placeholder that the stack created. */
export function parseLogin(value: string | undefined): Login | undefined {
  const { username, password } = parseFields(value);
  if (typeof username !== 'string' || typeof password !== 'string' || !username || !password) return undefined;
  return { username, password };
}
