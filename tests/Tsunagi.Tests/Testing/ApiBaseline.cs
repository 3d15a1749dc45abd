using System.Reflection;
using System.Text;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// The public API of a library as text, one member a line, compared with the file <c>PublicApi.txt</c> that lies beside its project, so that
/// a change of the API is part of the diff. TSUNAGI_GOLDEN_ACCEPT=1 rewrites it.
/// </summary>
public static class ApiBaseline
{
    /// <summary>Compares one library with its file.</summary>
    public static void Check(Assembly library) =>
        Golden.Compare(Path.Combine(Repository.Root, "protocols", library.GetName().Name!, "PublicApi.txt"), Encoding.UTF8.GetBytes(Describe(library)));

    /// <summary>Every public type with its public and protected members, in ordinal order.</summary>
    public static string Describe(Assembly library)
    {
        var text = new StringBuilder();
        foreach (Type type in library.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }
        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (string name in Enum.GetNames(type))
            {
                yield return $"{name} = {Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}";
            }

            yield break;
        }
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (MemberInfo member in type.GetMembers(All))
        {
            string? line = member switch
            {
                ConstructorInfo c when IsVisible(c) => $"{Name(type)}({Parameters(c)})",
                PropertyInfo p when p.Name != "EqualityContract" && p.GetAccessors(true).Any(IsVisible) => Property(p),
                FieldInfo f when f.IsPublic || f.IsFamily => $"{(f.IsLiteral ? "const " : f.IsStatic ? "static " : "")}{Name(f.FieldType)} {f.Name}",
                MethodInfo m when IsVisible(m) && !m.IsSpecialName && !IsOfRecord(m) => $"{Modifiers(m)}{Name(m.ReturnType)} {m.Name}{Generic(m)}({Parameters(m)})",
                MethodInfo m when IsVisible(m) && m.Name.StartsWith("op_", StringComparison.Ordinal) && m.Name is not ("op_Equality" or "op_Inequality") => $"static {Name(m.ReturnType)} {m.Name}({Parameters(m)})",
                _ => null,
            };
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    // What the compiler writes for a record says nothing that "record" does not say.
    private static bool IsOfRecord(MethodInfo method) =>
        method.Name is "<Clone>$" or "PrintMembers" or "Equals" or "GetHashCode" or "ToString" or "Deconstruct" || method.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute));

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Property(PropertyInfo property)
    {
        bool isStatic = property.GetAccessors(true)[0].IsStatic;
        string accessors = property.GetMethod is { } get && IsVisible(get) ? "get; " : "";
        if (property.SetMethod is { } set && IsVisible(set))
        {
            accessors += set.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init; " : "set; ";
        }

        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(i => Name(i.ParameterType)))}]";
        return $"{(isStatic ? "static " : "")}{Name(property.PropertyType)} {name} {{ {accessors}}}";
    }

    private static string Modifiers(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { IsAbstract: true, DeclaringType.IsInterface: false } => "abstract ",
        { IsVirtual: true, IsFinal: false, DeclaringType.IsInterface: false } => method.GetBaseDefinition() == method ? "virtual " : "override ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? (p.IsIn ? "in " : "ref ") : "")}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return "";
        }

        IEnumerable<string> bases = type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases = bases.Prepend(Name(parent));
        }

        string list = string.Join(", ", bases);
        return list.Length == 0 ? "" : " : " + list;
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        string name = type.Assembly == typeof(object).Assembly || type.Namespace!.StartsWith("System", StringComparison.Ordinal) ? type.Name : type.FullName ?? type.Name;
        if (!type.IsGenericType)
        {
            return name;
        }

        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
