/**
 * Keeps tenants apart: within a scope every query is completed with the tenant's id, so that no query can be written
 * without it. Whatever cannot be completed (joins, raw SQL, even as a part of a condition) is refused.
 */
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  IdentifierNode,
  OperationNodeTransformer,
  OperatorNode,
  OrNode,
  ParensNode,
  PrimitiveValueListNode,
  ReferenceNode,
  TableNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
  type DeleteQueryNode,
  type FromNode,
  type InsertQueryNode,
  type KyselyPlugin,
  type OperationNode,
  type QueryId,
  type RawNode,
  type SelectQueryNode,
  type UpdateQueryNode,
} from 'kysely';
import { tenantTables } from './tables.ts';

const tenantColumn = 'tenant_id';
const rootsThatCanBeScoped = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
]);

/** Completes every query with `tenant_id = tenantId`. Throws on a query it cannot complete. */
export function tenantScopePlugin(tenantId: string): KyselyPlugin {
  const transformer = new TenantScopeTransformer(tenantId);
  return {
    transformQuery: ({ node, queryId }) => {
      if (!rootsThatCanBeScoped.has(node.kind)) throw cannotBeScoped(node.kind);
      return transformer.transformNode(node, queryId);
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
}

class TenantScopeTransformer extends OperationNodeTransformer {
  readonly #tenantId: string;

  constructor(tenantId: string) {
    super();
    this.#tenantId = tenantId;
  }

  protected override transformSelectQuery(node: SelectQueryNode, queryId?: QueryId): SelectQueryNode {
    return this.#restrict(super.transformSelectQuery(node, queryId), node.from?.froms ?? []);
  }

  protected override transformUpdateQuery(node: UpdateQueryNode, queryId?: QueryId): UpdateQueryNode {
    const tables = [node.table, ...(node.from?.froms ?? [])].filter((each) => each !== undefined);
    for (const { column } of node.updates ?? []) {
      const set = ReferenceNode.is(column) ? column.column : column;
      if (!ColumnNode.is(set) || set.column.name === tenantColumn) throw cannotBeScoped(tenantColumn);
    }
    return this.#restrict(super.transformUpdateQuery(node, queryId), tables);
  }

  protected override transformDeleteQuery(node: DeleteQueryNode, queryId?: QueryId): DeleteQueryNode {
    if (node.using !== undefined) throw cannotBeScoped('other than one table');
    return this.#restrict(super.transformDeleteQuery(node, queryId), node.from.froms);
  }

  protected override transformRaw(node: RawNode): RawNode {
    // Kysely itself writes the direction of an order so.
    if (['asc', 'desc'].includes(node.sqlFragments.join('?'))) return node;
    throw cannotBeScoped('raw SQL');
  }

  protected override transformInsertQuery(node: InsertQueryNode, queryId?: QueryId): InsertQueryNode {
    const insert = super.transformInsertQuery(node, queryId);
    nameOf(insert.into);
    const { columns, values } = insert;
    if (columns === undefined || values === undefined || !ValuesNode.is(values)) {
      throw cannotBeScoped('insert of something else than values');
    }
    if (columns.some(({ column }) => column.name === tenantColumn)) throw cannotBeScoped(tenantColumn);
    const rows = values.values.map((row) =>
      PrimitiveValueListNode.is(row)
        ? PrimitiveValueListNode.create([this.#tenantId, ...row.values])
        : ValueListNode.create([ValueNode.create(this.#tenantId), ...row.values]),
    );
    return {
      ...insert,
      columns: [ColumnNode.create(tenantColumn), ...columns],
      values: ValuesNode.create(rows),
    };
  }

  #restrict<Query extends SelectQueryNode | UpdateQueryNode | DeleteQueryNode>(
    query: Query,
    tables: readonly OperationNode[],
  ): Query {
    const [table, ...others] = tables;
    if (table === undefined || others.length > 0 || query.joins !== undefined) {
      throw cannotBeScoped('other than one table');
    }
    const condition = BinaryOperationNode.create(
      ReferenceNode.create(ColumnNode.create(tenantColumn), TableNode.create(nameOf(table))),
      OperatorNode.create('='),
      ValueNode.create(this.#tenantId),
    );
    return { ...query, where: WhereNode.create(both(condition, query.where?.where)) };
  }
}

function both(condition: OperationNode, asked: OperationNode | undefined): OperationNode {
  if (asked === undefined) return condition;
  return AndNode.create(condition, OrNode.is(asked) ? ParensNode.create(asked) : asked);
}

/** The name by which a query calls a tenant-owned table. Throws when it is none. */
function nameOf(node: OperationNode | FromNode | undefined): string {
  if (node !== undefined && AliasNode.is(node) && IdentifierNode.is(node.alias)) {
    nameOf(node.node);
    return node.alias.name;
  }
  if (node !== undefined && TableNode.is(node)) {
    const { name } = node.table.identifier;
    if (Object.hasOwn(tenantTables, name)) return name;
  }
  throw cannotBeScoped('something else than a tenant-owned table');
}

function cannotBeScoped(what: string): Error {
  return new Error(`A query cannot be kept to one tenant: ${what}.`);
}
