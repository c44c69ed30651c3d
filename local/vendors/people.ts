/** Made-up companies and the people who work there. */

const companies = [
  'contoso',
  'fabrikam',
  'northwind',
  'adatum',
  'litware',
  'proseware',
  'tailspin',
  'wingtip',
];
const givenNames = [
  'Ada',
  'Bruno',
  'Chiara',
  'David',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Katya',
  'Liam',
  'Mei',
  'Noah',
  'Olga',
  'Pablo',
  'Quinn',
  'Rosa',
  'Samir',
  'Tove',
  'Uma',
  'Viktor',
  'Wanda',
  'Xenia',
  'Yusuf',
  'Zoe',
];
const surnames = [
  'Almeida',
  'Berger',
  'Castro',
  'Dubois',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Hansen',
  'Ivanova',
  'Jensen',
  'Keller',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Petrov',
  'Quiroga',
  'Rossi',
  'Schmidt',
  'Tanaka',
  'Ueda',
  'Vogel',
  'Walker',
  'Xu',
  'Yilmaz',
  'Zeman',
  'Brandt',
];
const departments = ['Sales', 'Support', 'Engineering', 'Finance', 'Operations'];
const jobTitles = ['Account Manager', 'Support Agent', 'Engineer', 'Controller', 'Dispatcher'];

export interface MadeUpPerson {
  readonly givenName: string;
  readonly surname: string;
  readonly mail: string;
  readonly department: string;
  readonly jobTitle: string;
  /** E.164, from a range kept for fiction. */
  readonly phone: string;
}

/** The company with this number, from 0: its name and mail domain. */
export function company(number: number): { name: string; domain: string } {
  const word = companies[number % companies.length] ?? 'contoso';
  return {
    name: `${word.slice(0, 1).toUpperCase()}${word.slice(1)} ${number + 1}`,
    domain: `${word}-${number + 1}.example`,
  };
}

/** The person with this number, from 0, always the same; no two of a company have the same mail address. */
export function person(number: number, domain: string): MadeUpPerson {
  // The lists' lengths have no common divisor, so pairs repeat only after all of them.
  const givenName = pick(givenNames, number);
  const surname = pick(surnames, number);
  const round = Math.floor(number / (givenNames.length * surnames.length));
  const suffix = round === 0 ? '' : String(round + 1);
  return {
    givenName,
    surname,
    mail: `${givenName}.${surname}${suffix}@${domain}`.toLowerCase(),
    department: pick(departments, number),
    jobTitle: pick(jobTitles, number),
    phone: `+1650555${String(number % 10_000).padStart(4, '0')}`,
  };
}

function pick(list: readonly string[], number: number): string {
  return list[number % list.length] ?? '';
}
