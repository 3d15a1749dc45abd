using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Tsunagi.Core.Api;

/// <summary>
/// The OpenAPI 3.1 document of this process, made once when it is first asked for: (1) the framework reads the routes, (2) <see cref="ApiDescription"/>
/// says what routes do not, (3) what the framework says too strictly is put right, (4) everything gets one order, so that a change is a readable diff.
/// </summary>
/// <remarks>Making it takes a few hundred milliseconds and anyone may ask, so nobody can make the program do it twice.</remarks>
internal sealed class ApiDocument(IServiceProvider services)
{
    public const string Name = "v1";

    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SemaphoreSlim _one = new(1, 1);
    private byte[]? _bytes;

    public static async Task<IResult> AnswerAsync(ApiDocument document, CancellationToken cancellationToken)
    {
        var bytes = await document.ReadAsync(cancellationToken);
        return Results.Bytes(bytes, "application/json", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..12])}\""));
    }

    public async ValueTask<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (_bytes is { } made)
        {
            return made;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            return _bytes ??= await MakeAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        // (1) and (2)
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(cancellationToken);
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        var root = JsonNode.Parse(text.ToArray())!.AsObject();

        // (3)
        PutRight(root);

        // (4)
        Order(root);
        return [.. JsonSerializer.SerializeToUtf8Bytes(root, Written), (byte)'\n'];
    }

    /// <summary>
    /// Members that may be null may be left out, in requests and in answers. Requests refuse members they do not know; answers may grow, so a
    /// schema that no request holds is open.
    /// </summary>
    private static void PutRight(JsonObject root)
    {
        var schemas = root["components"]!["schemas"]!.AsObject();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in root["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject()).Select(static method => method.Value!.AsObject()))
        {
            Gather(operation["requestBody"], schemas, asked);
        }

        foreach (var (name, schema) in schemas)
        {
            if (schema is not JsonObject members)
            {
                continue;
            }

            if (!asked.Contains(name))
            {
                members.Remove("additionalProperties");
            }

            if (members["required"] is JsonArray required && members["properties"] is JsonObject properties)
            {
                foreach (var optional in required.Where(member => MayBeNull(properties[(string)member!])).ToList())
                {
                    required.Remove(optional);
                }

                if (required.Count == 0)
                {
                    members.Remove("required");
                }
            }
        }
    }

    /// <summary>The names of all schemas a part of the document leads to.</summary>
    private static void Gather(JsonNode? node, JsonObject schemas, HashSet<string> names)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["$ref"] is JsonValue reference && ((string)reference!).Split('/')[^1] is var name && schemas[name] is { } schema && names.Add(name))
                {
                    Gather(schema, schemas, names);
                }

                foreach (var (_, member) in members)
                {
                    Gather(member, schemas, names);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Gather(item, schemas, names);
                }

                break;
        }
    }

    private static bool MayBeNull(JsonNode? schema) =>
        schema?["type"] is JsonArray types ? types.Any(static type => (string?)type == "null")
        : schema?["oneOf"] is JsonArray choices && choices.Any(static choice => (string?)(choice?["type"] as JsonValue) == "null");

    private static void Order(JsonObject root)
    {
        Sort(root, "paths", StringComparer.Ordinal.Compare);
        foreach (var (_, path) in root["paths"]!.AsObject().ToList())
        {
            Sort(path!.AsObject(), static (left, right) => Array.IndexOf(Methods, left).CompareTo(Array.IndexOf(Methods, right)));
            foreach (var (_, operation) in path!.AsObject())
            {
                Sort(operation!.AsObject(), "responses", StringComparer.Ordinal.Compare);
            }
        }

        var components = root["components"]!.AsObject();
        Sort(components, StringComparer.Ordinal.Compare);
        foreach (var name in components.Select(static part => part.Key).ToList())
        {
            Sort(components, name, StringComparer.Ordinal.Compare);
        }

        if (root["tags"] is JsonArray tags)
        {
            root["tags"] = new JsonArray([.. tags.Select(static tag => tag!.DeepClone()).OrderBy(static tag => (string)tag["name"]!, StringComparer.Ordinal)]);
        }
    }

    private static void Sort(JsonObject holder, string member, Comparison<string> order)
    {
        if (holder[member] is JsonObject members)
        {
            Sort(members, order);
        }
    }

    private static void Sort(JsonObject members, Comparison<string> order)
    {
        var sorted = members.ToList();
        sorted.Sort((left, right) => order(left.Key, right.Key));
        members.Clear();
        foreach (var (name, value) in sorted)
        {
            members.Add(name, value);
        }
    }
}
