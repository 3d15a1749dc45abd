using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tsunagi.Core.Store;

/// <summary>
/// Makes a <typeparamref name="T"/> of a row: a single value, a tuple by position, or a record by name (snake_case columns to PascalCase
/// constructor parameters, then to settable properties). Numbers are converted, so the same record serves both databases.
/// </summary>
internal static class RowMapper<T>
{
    private static readonly ConcurrentDictionary<string, Func<DbDataReader, T>> ByColumns = new(StringComparer.Ordinal);

    public static Func<DbDataReader, T> For(DbDataReader reader)
    {
        var columns = new string[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = reader.GetName(i);
        }

        return ByColumns.GetOrAdd(string.Join('\n', columns), static (_, names) => Build(names), columns);
    }

    private static Func<DbDataReader, T> Build(string[] columns)
    {
        var reader = Expression.Parameter(typeof(DbDataReader), "reader");
        var type = typeof(T);
        Expression body =
            ColumnReader.Reads(type) ? ColumnReader.Read(reader, 0, type, columns[0])
            : type.IsAssignableTo(typeof(ITuple)) && type.IsValueType ? Tuple(reader, type, columns)
            : Record(reader, type, columns);
        return Expression.Lambda<Func<DbDataReader, T>>(body, reader).Compile();
    }

    private static Expression Tuple(ParameterExpression reader, Type type, string[] columns)
    {
        var constructor = type.GetConstructors().Single();
        var parameters = constructor.GetParameters();
        return parameters.Length > 7 || parameters.Length != columns.Length
            ? throw new InvalidOperationException($"the query gives {columns.Length} columns, the tuple has {parameters.Length} (at most 7)")
            : Expression.New(constructor, parameters.Select((parameter, i) => ColumnReader.Read(reader, i, parameter.ParameterType, columns[i])));
    }

    private static Expression Record(ParameterExpression reader, Type type, string[] columns)
    {
        var byName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < columns.Length; i++)
        {
            byName.TryAdd(columns[i].Replace("_", "", StringComparison.Ordinal), i);
        }

        var constructor = type.GetConstructors().OrderByDescending(each => each.GetParameters().Length).First();
        var arguments = constructor.GetParameters().Select(parameter =>
            byName.Remove(parameter.Name!, out var column) ? ColumnReader.Read(reader, column, parameter.ParameterType, columns[column])
            : parameter.HasDefaultValue ? (Expression)Expression.Constant(parameter.DefaultValue, parameter.ParameterType)
            : throw new InvalidOperationException($"the query has no column for {type.Name}.{parameter.Name}; it has {string.Join(", ", columns)}")).ToArray();
        var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite && byName.ContainsKey(property.Name))
            .Select(property => Expression.Bind(property, ColumnReader.Read(reader, byName[property.Name], property.PropertyType, columns[byName[property.Name]])))
            .ToArray();
        return Expression.MemberInit(Expression.New(constructor, arguments), properties);
    }
}
