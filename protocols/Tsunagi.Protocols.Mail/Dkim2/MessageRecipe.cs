using System.Collections.Immutable;
using System.Text.Json;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>One step of a recipe (section 4): lines or fields copied, or given anew.</summary>
/// <param name="Start">The first that is copied, from 1; 0 for a step that gives.</param>
/// <param name="End">The last that is copied.</param>
/// <param name="Given">What is given; empty for a step that copies.</param>
public sealed record RecipeStep(int Start, int End, ImmutableArray<string> Given);

/// <summary>How the form of a message before a change is made from the one behind it (section 4).</summary>
public sealed record MessageRecipe
{
    /// <summary>Octets of a recipe that is read.</summary>
    public const int MostOctets = 4 * 1024 * 1024;

    /// <summary>For each field that was changed, by its name in lower case, how its fields come about, the lowest first; without steps there were none.</summary>
    public ImmutableDictionary<string, ImmutableArray<RecipeStep>> Fields { get; init; } = ImmutableDictionary<string, ImmutableArray<RecipeStep>>.Empty;

    /// <summary>How the body comes about, line by line; default when it was not changed.</summary>
    public ImmutableArray<RecipeStep> Body { get; init; }

    /// <summary>The body can not be made again.</summary>
    public bool IsBodyLost { get; init; }

    /// <summary>Reads the JSON of r=. Members that are not known are passed over.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out MessageRecipe? recipe)
    {
        recipe = null;
        if (json.Length > MostOctets)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { MaxDepth = 8 });
            return TryRead(document.RootElement, out recipe);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what half surrogates and octets that are no UTF-8 give once they are read as text.
            return false;
        }
    }

    private static bool TryRead(JsonElement root, out MessageRecipe? recipe)
    {
        recipe = null;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var read = new MessageRecipe();
        bool any = false;
        if (root.TryGetProperty("h", out JsonElement fields))
        {
            var steps = ImmutableDictionary.CreateBuilder<string, ImmutableArray<RecipeStep>>(StringComparer.Ordinal);
            if (fields.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (JsonProperty field in fields.EnumerateObject())
            {
                string name = field.Name.ToLowerInvariant();
                if (name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains(':', StringComparison.Ordinal) || steps.ContainsKey(name) || !TryReadSteps(field.Value, out ImmutableArray<RecipeStep> list))
                {
                    return false;
                }

                steps.Add(name, list);
            }

            any = steps.Count > 0;
            read = read with { Fields = steps.ToImmutable() };
        }

        if (root.TryGetProperty("b", out JsonElement body))
        {
            any = true;
            if (body.ValueKind == JsonValueKind.Null)
            {
                read = read with { IsBodyLost = true };
            }
            else if (TryReadSteps(body, out ImmutableArray<RecipeStep> list))
            {
                read = read with { Body = list };
            }
            else
            {
                return false;
            }
        }

        recipe = read;
        return any;
    }

    // Ranges ascend and do not overlap; what is given holds no line ends.
    private static bool TryReadSteps(JsonElement array, out ImmutableArray<RecipeStep> steps)
    {
        steps = [];
        if (array.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var list = ImmutableArray.CreateBuilder<RecipeStep>();
        int last = 0;
        foreach (JsonElement step in array.EnumerateArray())
        {
            if (step.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (step.TryGetProperty("c", out JsonElement copied) && copied.ValueKind == JsonValueKind.Array && copied.GetArrayLength() == 2
                && copied[0].ValueKind == JsonValueKind.Number && copied[1].ValueKind == JsonValueKind.Number
                && copied[0].TryGetInt32(out int start) && copied[1].TryGetInt32(out int end) && start > last && end >= start)
            {
                list.Add(new RecipeStep(start, end, []));
                last = end;
            }
            else if (step.TryGetProperty("d", out JsonElement given) && given.ValueKind == JsonValueKind.Array
                && given.EnumerateArray().All(static text => text.ValueKind == JsonValueKind.String && !text.GetString()!.AsSpan().ContainsAny('\r', '\n')))
            {
                list.Add(new RecipeStep(0, 0, [.. given.EnumerateArray().Select(static text => text.GetString()!)]));
            }
            else
            {
                return false;
            }
        }

        steps = list.ToImmutable();
        return true;
    }
}
