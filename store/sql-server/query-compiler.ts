/** T-SQL in the plain form that SQL Server, Azure SQL and other servers of its protocol all run. */
import {
  FromNode,
  MssqlQueryCompiler,
  OffsetNode,
  RawNode,
  ValueNode,
  type DataTypeNode,
  type LimitNode,
  type OperationNode,
  type SelectQueryNode,
} from 'kysely';

/**
 * Differs from Kysely's own in what our queries are written with for all engines alike: `limit` becomes OFFSET and FETCH,
 * `forUpdate` the hints UPDLOCK and HOLDLOCK, which also keep rows that are not there from being inserted by others until
 * the transaction ends (Transact-SQL reference, "Table hints"), and `text` the type nvarchar(max).
 */
export class SqlServerQueryCompiler extends MssqlQueryCompiler {
  protected override visitSelectQuery(node: SelectQueryNode): void {
    super.visitSelectQuery(withLocks(withPaging(node)));
  }

  protected override visitLimit(node: LimitNode): void {
    this.append('fetch next ');
    this.visitNode(node.limit);
    this.append(' rows only');
  }

  protected override visitDataType(node: DataTypeNode): void {
    this.append(node.dataType === 'text' ? 'nvarchar(max)' : node.dataType);
  }
}

/** Kysely prints the limit before the offset, T-SQL wants it after, and an order: a page without one is no page. */
function withPaging({ limit, ...node }: SelectQueryNode): SelectQueryNode {
  if (limit === undefined) return node;
  if (node.orderBy === undefined) throw new Error('A query with a limit needs an order.');
  const offset = node.offset ?? OffsetNode.create(ValueNode.createImmediate(0));
  return { ...node, offset, fetch: limit as unknown as NonNullable<SelectQueryNode['fetch']> };
}

function withLocks({ endModifiers = [], ...node }: SelectQueryNode): SelectQueryNode {
  const [locking, ...others] = endModifiers;
  if (locking === undefined) return node;
  if (locking.modifier !== 'ForUpdate' || others.length > 0) throw new Error('Only forUpdate is known here.');
  const hinted = (table: OperationNode) => RawNode.create(['', ' with (updlock, holdlock)'], [table]);
  return { ...node, ...(node.from && { from: FromNode.create(node.from.froms.map(hinted)) }) };
}
