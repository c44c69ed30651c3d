/** How values travel to SQL Server. */
import sql, { type ISqlType } from 'mssql';

const longestNvarchar = 4000;
const longestVarchar = 8000;

/**
 * The type of a parameter. ASCII goes as varchar, because a wider one would keep the server from seeking in our varchar
 * keys; lengths are fixed, because each would have a query plan of its own.
 */
export function parameterType(value: unknown): ISqlType {
  if (value === null) return sql.NVarChar(longestNvarchar);
  if (typeof value === 'string') {
    if (/^[\x20-\x7e]*$/.test(value) && value.length <= longestVarchar) return sql.VarChar(longestVarchar);
    return sql.NVarChar(value.length <= longestNvarchar ? longestNvarchar : sql.MAX);
  }
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return sql.Float();
    return Math.abs(value) < 2 ** 31 ? sql.Int() : sql.BigInt();
  }
  throw new TypeError(`Values of type ${typeof value} have no place in our tables.`);
}
