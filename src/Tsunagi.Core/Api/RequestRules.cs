using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Tsunagi.Core.Audit;

namespace Tsunagi.Core.Api;

/// <summary>
/// Checks a request record against its attributes and says which member is wrong and what is allowed: the one place where ranges become sentences.
/// Attributes may stand on the property or on the positional parameter. Members that are records or lists of records are checked too.
/// </summary>
public static class RequestRules
{
    /// <summary>More is not reported: the caller has enough to do.</summary>
    public const int MaxErrors = 20;

    private const int MaxDepth = 8;
    private static readonly ConcurrentDictionary<Type, Member[]> Members = new();

    /// <summary>Every wrong member, in the order of declaration; empty when all is well.</summary>
    public static IReadOnlyList<ApiFieldError> Check(object request)
    {
        var errors = new List<ApiFieldError>();
        Check(request, "", errors, 0);
        return errors;
    }

    /// <summary>What an attribute allows, in words: "1 to 200", "at most 40 characters".</summary>
    public static string Allowed(ValidationAttribute rule, Type member) => rule switch
    {
        RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
        LengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength} {Unit(member)}",
        StringLengthAttribute length => length.MinimumLength > 0 ? $"{length.MinimumLength} to {length.MaximumLength} characters" : $"at most {length.MaximumLength} characters",
        MaxLengthAttribute max => $"at most {max.Length} {Unit(member)}",
        MinLengthAttribute min => $"at least {min.Length} {Unit(member)}",
        RegularExpressionAttribute pattern => pattern.ErrorMessage ?? pattern.Pattern,
        AllowedValuesAttribute values => string.Join(", ", values.Values.Where(static value => value is not null)),
        EmailAddressAttribute => "name@domain",
        RequiredAttribute => "a value",
        _ => rule.ErrorMessage ?? rule.FormatErrorMessage("it"),
    };

    /// <summary>True when a type, or one it holds, has anything to check, so that endpoints without rules pay nothing.</summary>
    internal static bool Has(Type type) => Has(type, []);

    private static bool Has(Type type, HashSet<Type> seen)
    {
        if (type.IsAssignableTo(typeof(ICheckedRequest)))
        {
            return true;
        }

        if (type.IsArray || (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable))))
        {
            return type.IsArray ? Has(type.GetElementType()!, seen) : type.GetGenericArguments().Any(inner => Has(inner, seen));
        }

        return !IsPlain(type) && seen.Add(type) && MembersOf(type).Any(member => member.Rules.Length > 0 || Has(member.Type, seen));
    }

    private static void Check(object request, string prefix, List<ApiFieldError> errors, int depth)
    {
        foreach (var member in MembersOf(request.GetType()))
        {
            if (errors.Count >= MaxErrors)
            {
                return;
            }

            var value = member.Get(request);
            var path = prefix + member.Name;
            if (Array.Find(member.Rules, rule => !rule.IsValid(value)) is { } broken)
            {
                var allowed = Allowed(broken, member.Type);
                errors.Add(new ApiFieldError(path, CodeOf(broken), value is null ? $"{path} is missing" : $"{path} is {(member.Secret ? "not acceptable" : Shown(value))}; allowed: {allowed}", allowed));
            }
            else if (value is not null && depth < MaxDepth)
            {
                Descend(value, path, errors, depth + 1);
            }
        }

        if (errors.Count == 0 && request is ICheckedRequest own && own.Check() is { } refusal)
        {
            errors.Add(new ApiFieldError(prefix + refusal.Field, refusal.Code, refusal.Message, refusal.Allowed));
        }
    }

    private static void Descend(object value, string path, List<ApiFieldError> errors, int depth)
    {
        if (value is IEnumerable items and not string)
        {
            var index = 0;
            foreach (var item in items)
            {
                if (item is not null && !IsPlain(item.GetType()))
                {
                    Check(item, $"{path}[{index}].", errors, depth);
                }

                index++;
            }
        }
        else if (!IsPlain(value.GetType()))
        {
            Check(value, path + ".", errors, depth);
        }
    }

    private static Member[] MembersOf(Type type) => Members.GetOrAdd(type, static type =>
    {
        if (IsPlain(type))
        {
            return [];
        }

        var parameters = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)?.GetParameters() ?? [];
        return [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract")
            .Select(property => new Member(
                JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                property.PropertyType,
                [.. property.GetCustomAttributes<ValidationAttribute>(inherit: true),
                 .. parameters.Where(parameter => parameter.Name == property.Name).SelectMany(parameter => parameter.GetCustomAttributes<ValidationAttribute>(inherit: true))],
                property.IsDefined(typeof(SecretAttribute), inherit: true) || AuditJson.IsSecret(property.Name),
                property.GetValue))
            .Where(member => member.Rules.Length > 0 || MayHold(member.Type))];
    });

    private static bool MayHold(Type type) =>
        type != typeof(string) && (type.IsAssignableTo(typeof(IEnumerable)) || (!IsPlain(type) && type != typeof(object)));

    // Types of the framework have no rules of ours, whatever their properties.
    private static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || type.IsPointer || type.Namespace is not { } space || space.StartsWith("System", StringComparison.Ordinal) || space.StartsWith("Microsoft", StringComparison.Ordinal);

    private static string Unit(Type member) => member == typeof(string) ? "characters" : "entries";

    private static string CodeOf(ValidationAttribute rule) => rule switch
    {
        RequiredAttribute => "field.missing",
        RangeAttribute => "field.range",
        LengthAttribute or StringLengthAttribute or MaxLengthAttribute or MinLengthAttribute => "field.length",
        _ => "field.invalid",
    };

    private static string Shown(object value) => value switch
    {
        string text => text.Length > 60 ? $"{text.Length} characters long" : $"\"{text}\"",
        ICollection items => $"a list of {items.Count}",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => "not acceptable",
    };

    private sealed record Member(string Name, Type Type, ValidationAttribute[] Rules, bool Secret, Func<object, object?> Get);
}
