using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;

namespace Tsunagi.Core.Store;

/// <summary>Reads one column as one type, converting between the databases' number types; a null in a column that must have a value is named.</summary>
internal static class ColumnReader
{
    public static bool Reads(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum || plain.IsPrimitive || plain == typeof(string) || plain == typeof(byte[]) || plain == typeof(ReadOnlyMemory<byte>);
    }

    public static Expression Read(Expression reader, int column, Type type, string name)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (!Reads(plain))
        {
            throw new InvalidOperationException($"column {name} cannot become a {type.Name}");
        }

        var mayBeNull = !plain.IsValueType || plain != type;
        var value = Expression.Convert(Call(plain, reader, column), type);
        return Expression.Condition(
            Expression.Call(reader, nameof(DbDataReader.IsDBNull), null, Expression.Constant(column)),
            mayBeNull ? Expression.Default(type) : Expression.Call(Own(nameof(MissingValue)).MakeGenericMethod(type), Expression.Constant(name)),
            value);
    }

    private static Expression Call(Type plain, Expression reader, int column)
    {
        var at = Expression.Constant(column);
        if (plain.IsEnum)
        {
            return Expression.Call(Own(nameof(ReadEnum)).MakeGenericMethod(plain), reader, at);
        }

        return Type.GetTypeCode(plain) switch
        {
            TypeCode.String => Expression.Call(reader, nameof(DbDataReader.GetString), null, at),
            TypeCode.Boolean => Expression.Call(Own(nameof(ReadBoolean)), reader, at),
            TypeCode.Double or TypeCode.Single => Expression.Convert(Expression.Call(reader, nameof(DbDataReader.GetDouble), null, at), plain),
            TypeCode.Object when plain == typeof(ReadOnlyMemory<byte>) =>
                Expression.Convert(Expression.Call(reader, nameof(DbDataReader.GetFieldValue), [typeof(byte[])], at), plain),
            TypeCode.Object => Expression.Call(reader, nameof(DbDataReader.GetFieldValue), [plain], at),
            _ => Expression.ConvertChecked(Expression.Call(reader, nameof(DbDataReader.GetInt64), null, at), plain),
        };
    }

    private static MethodInfo Own(string name) => typeof(ColumnReader).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    private static bool ReadBoolean(DbDataReader reader, int column) =>
        reader.GetFieldType(column) == typeof(bool) ? reader.GetBoolean(column) : reader.GetInt64(column) != 0;

    private static TEnum ReadEnum<TEnum>(DbDataReader reader, int column)
        where TEnum : struct, Enum =>
        reader.GetFieldType(column) == typeof(string)
            ? Enum.Parse<TEnum>(reader.GetString(column), ignoreCase: true)
            : (TEnum)Enum.ToObject(typeof(TEnum), reader.GetInt64(column));

    private static T MissingValue<T>(string column) => throw new InvalidOperationException($"column {column} is null but {typeof(T).Name} cannot be");
}
