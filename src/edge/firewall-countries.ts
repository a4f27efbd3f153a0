import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkList, display } from '../validate';

/** The codes that AWS WAF knows: ISO 3166 and XK for Kosovo. @see https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html */
const COUNTRIES = new Set(`
  AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO BN BG BF BI KH CM CA CV KY CF TD CL CN CX
  CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG SV GQ ER EE ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW
  GY HT HM VA HN HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MK MG MW MY MV ML MT MH MQ MR
  MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU NF MP NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC
  MF PM VC WS SM ST SA SN RS SC SL SG SX SK SI SB SO ZA GS SS ES LK SD SR SJ SZ SE CH SY TW TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG UA AE GB
  US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW XK
`.trim().split(/\s+/));

/** Refuses codes that are none, such as UK (it is GB) and EU. */
export function checkCountries(where: IConstruct | string, prop: string, codes: string[] | undefined): void {
  checkList(where, prop, codes);
  if (codes === undefined || Token.isUnresolved(codes)) return;
  const unknown = codes.filter(code => !Token.isUnresolved(code) && !COUNTRIES.has(code));
  if (unknown.length === 0) return;
  throw new PlatformError(where, {
    problem: `${prop} has something else than the code of a country.`,
    got: `${prop} with ${display(unknown[0])}`,
    allowed: 'two capital letters of ISO 3166, such as DE, or GB for the United Kingdom',
    fix: 'write the codes of the countries; the European Union has to be written country by country',
  });
}
