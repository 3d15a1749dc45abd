using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Tsunagi.Core.Store;

/// <summary>
/// Turns the properties of an object (or the entries of a dictionary) into named parameters. Values are what the small dialect has: integers,
/// text, doubles and bytes; booleans become 0/1, enums their number; a list becomes one parameter for each element, for <c>IN @Ids</c>.
/// </summary>
internal static class ParameterSet
{
    /// <summary>More elements than this in one IN list is a design fault: use a join.</summary>
    public const int MaxListElements = 1000;

    private static readonly ConcurrentDictionary<Type, Property[]> Properties = new();

    public static List<SqlParameterValue> From(object? parameters)
    {
        var values = new List<SqlParameterValue>();
        Add(values, parameters);
        return values;
    }

    private static void Add(List<SqlParameterValue> values, object? parameters)
    {
        switch (parameters)
        {
            case null:
                break;
            case ScopedParameters scoped:
                Add(values, scoped.Own);
                values.Add(new SqlParameterValue("ScopePath", typeof(string), scoped.Scope.Path));
                values.Add(new SqlParameterValue("ScopeEnd", typeof(string), scoped.Scope.End));
                break;
            case IEnumerable<KeyValuePair<string, object?>> entries:
                foreach (var (name, value) in entries)
                {
                    values.Add(Plain(name, value?.GetType() ?? typeof(object), value));
                }

                break;
            default:
                foreach (var property in Properties.GetOrAdd(parameters.GetType(), Describe))
                {
                    values.Add(Plain(property.Name, property.Type, property.Getter.Invoke(parameters)));
                }

                break;
        }
    }

    private static Property[] Describe(Type type) =>
        [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract")
            .Select(property => new Property(property.Name, property.PropertyType, MethodInvoker.Create(property.GetMethod!)))];

    private static SqlParameterValue Plain(string name, Type declared, object? value)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        return value switch
        {
            null => new SqlParameterValue(name, NullType(type), null),
            string or long or double or byte[] => new SqlParameterValue(name, value.GetType(), value),
            bool flag => new SqlParameterValue(name, typeof(long), flag ? 1L : 0L),
            Enum or int or short or byte or uint or ushort or sbyte => new SqlParameterValue(name, typeof(long), Convert.ToInt64(value, null)),
            ulong unsigned => new SqlParameterValue(name, typeof(long), checked((long)unsigned)),
            float single => new SqlParameterValue(name, typeof(double), (double)single),
            ReadOnlyMemory<byte> bytes => new SqlParameterValue(name, typeof(byte[]), bytes.ToArray()),
            IEnumerable list => new SqlParameterValue(name, typeof(IEnumerable), Elements(name, list)),
            _ => throw new ArgumentException($"parameter @{name} is a {type.Name}: times are int64 microseconds, money int64 minor units, ids text", nameof(value)),
        };
    }

    private static SqlParameterValue[] Elements(string name, IEnumerable list)
    {
        var elements = new List<SqlParameterValue>();
        foreach (var element in list)
        {
            if (elements.Count == MaxListElements)
            {
                throw new ArgumentException($"the list @{name} has more than {MaxListElements} elements", nameof(list));
            }

            elements.Add(Plain($"{name}_{elements.Count}", element?.GetType() ?? typeof(string), element));
        }

        return [.. elements];
    }

    private static Type NullType(Type type) =>
        type == typeof(string) || type == typeof(object) ? type
        : type == typeof(double) || type == typeof(float) ? typeof(double)
        : type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) ? typeof(byte[])
        : typeof(long);

    private sealed record Property(string Name, Type Type, MethodInvoker Getter);
}

/// <summary>One named value. <see cref="Type"/> is long, string, double, byte[], object (a null of unknown type) or IEnumerable (a list).</summary>
internal readonly record struct SqlParameterValue(string Name, Type Type, object? Value);
