using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Api;

/// <summary>What the OpenAPI 3.1 document says beyond the routes: who may call each, what a problem looks like, how times are written.</summary>
internal static class ApiDescription
{
    private const int KeyLength = 255;

    /// <summary>What an answer that is no success means, by status; "default" is whatever else goes wrong. All are <see cref="ApiProblem"/>s.</summary>
    private static readonly (string Status, (string Name, string Description) Problem)[] Problems =
    [
        ("400", ("WrongRequest", "Something in the request is wrong: field and allowed say what.")),
        ("401", ("NotSignedIn", "Nobody is signed in, or the token or password is not right.")),
        ("403", ("NotAllowed", "The caller is known and may not do this.")),
        ("404", ("NotFound", "There is none, or none the caller may see.")),
        ("409", ("Conflict", "It does not go with what is there already.")),
        ("412", ("ChangedMeanwhile", "It was changed since it was read: currentVersion and the ETag say the version it has now.")),
        ("413", ("TooLarge", "The body is larger than this route takes.")),
        ("415", ("WrongMediaType", "The body is not of the media type this route takes.")),
        ("429", ("TooMany", "Too many for now: Retry-After says when to come again.")),
        ("default", ("Failed", "The program failed (500) or waits for its database (503); correlation names the request in its log.")),
    ];

    /// <summary>What a parameter of a path names, where the handler does not say it.</summary>
    private static readonly Dictionary<string, string> Things = new(StringComparer.Ordinal)
    {
        ["account"] = "A billing account's id (ba_…) or its tenant's.", ["bill"] = "A document's id (iv_…) or number.", ["line"] = "A line's id (ln_…).", ["billLine"] = "A line's number on its document.",
        ["quote"] = "A quote's id (qt_…).", ["order"] = "An order's id (or_…).", ["orderItem"] = "The number of an order's item.", ["project"] = "A project's id (pj_…).", ["milestone"] = "The number of a project's milestone.", ["credit"] = "A service credit's id (sc_…).", ["proposal"] = "A dunning proposal's id (dp_…).", ["letter"] = "A letter's id (lt_…).", ["payment"] = "A payment's id (py_…).", ["run"] = "An invoice run's id (br_…).", ["report"] = "A report's name (revenue, concentration …).", ["contact"] = "A contact's id (c_…).", ["domain"] = "A domain's id (d_…).", ["entry"] = "An audit entry's id (a_…).", ["event"] = "An event's id (e_…).",
        ["device"] = "A router's id (rt_…).", ["held"] = "A held copy's id (q_…).", ["hold"] = "A hold's id (h_…).", ["incident"] = "A DDoS incident's id (di_…).", ["message"] = "A message's id (m_…).", ["pending"] = "A recipient of mail that waits (mp_…).", ["push"] = "A push's id (ru_…).",
        ["nas"] = "An access server's id (na_…).", ["ipamPrefix"] = "The id of a prefix of the plan (ap_…).", ["pool"] = "A pool's id (po_…).", ["slot"] = "The number of a part of a pool.",
        ["mitigation"] = "A DDoS rule's id (mg_…).", ["dryRun"] = "A DDoS dry run's id (dr_…).", ["share"] = "The id of an incident's share with a group (ds_…).", ["foreign"] = "The id of an incident that a peer shared with us (fi_…).", ["nextHop"] = "A next hop: host:port.", ["protection"] = "The subscription of a DDoS protection (s_…).", ["node"] = "A node's name.", ["sender"] = "The id of a rule about a sender (qs_…).", ["credential"] = "A mail credential's id (mc_…).", ["signedDomain"] = "A domain whose outgoing mail is signed.", ["directory"] = "The subscription of a mail gateway whose recipients a directory names (s_…).",
        ["plan"] = "A plan's id (p_…) or code.", ["prefix"] = "An address block's id (x_…).", ["role"] = "A role's id (r_…) or the name of a built-in one.",
        ["session"] = "A session's id (se_…).", ["lineSession"] = "The id of a line's session (cs_…).", ["lease"] = "A lease's id (dl_…).", ["probe"] = "A probe's id (pb_…).", ["outage"] = "An outage's id (og_…).", ["maintenance"] = "The id of planned work (mt_…).", ["site"] = "A site's id (l_…).", ["subscription"] = "A subscription's id (s_…).", ["tenant"] = "A tenant's id (t_…).",
        ["token"] = "A token's id (k_…).", ["user"] = "A user's id (u_…).", ["webhook"] = "A webhook's id (wh_…).",
    };

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        var named = new ConcurrentDictionary<string, Type>(StringComparer.Ordinal);
        options.CreateSchemaReferenceId = type => NameOf(type, named);
        options.AddDocumentTransformer(DescribeDocumentAsync);
        options.AddOperationTransformer(DescribeOperationAsync);
        options.AddSchemaTransformer(DescribeSchemaAsync);
    }

    /// <summary>Schemas are named by their types, across all modules: two types of one name would silently become one schema.</summary>
    private static string? NameOf(JsonTypeInfo type, ConcurrentDictionary<string, Type> named)
    {
        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        var own = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return name is null || named.GetOrAdd(name, own) == own
            ? name
            : throw new InvalidOperationException($"two types of the API are named {name}: {named[name]} and {own}; rename one");
    }

    private static Task DescribeDocumentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Tsunagi",
            Version = "v1",
            Description = """
                Sign in with a bearer token (`Authorization: Bearer tsk_…`) or the console's session cookie. Errors are `application/problem+json` (RFC 9457) with
                `code`, `field` and `allowed`. Lists are pages: pass `next` as `cursor`. Things have an `ETag`; send it as `If-Match` when changing them, and a
                412 tells the version they have now. A POST with an `Idempotency-Key` may be repeated: the first answer is given again, with
                `Idempotency-Replayed: true`; the key with other content is a 409. A member that would be null is left out. Times are ISO 8601 in UTC.
                """,
        };

        // The address depends on who asks; the document must not, or it could not be compared with the checked-in one.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token (tsk_…)." };
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>(StringComparer.Ordinal);
        foreach (var (_, problem) in Problems)
        {
            document.Components.Responses[problem.Name] = Problem(problem, document);
        }

        return Task.CompletedTask;
    }

    private static Task DescribeOperationAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var rule = metadata.OfType<IAccessRule>().LastOrDefault();
        var method = context.Description.HttpMethod ?? "GET";
        operation.Parameters ??= [];
        DescribeParameters(operation, metadata.OfType<MethodInfo>().FirstOrDefault(), method, rule);
        DescribeAnswers(operation, context.Document!, method, rule);
        if (rule is { Anonymous: false })
        {
            operation.AddExtension("x-permission", new JsonNodeExtension(rule.Permission ?? "signed-in"));
            operation.Description ??= rule.Permission is { } permission ? $"Needs the permission `{permission}`." : "Anyone who is signed in may call it.";
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", context.Document)] = [] }];
        }
        else
        {
            operation.Description ??= "Anyone may call it.";
        }

        return Task.CompletedTask;
    }

    private static void DescribeParameters(OpenApiOperation operation, MethodInfo? handler, string method, IAccessRule? rule)
    {
        foreach (var parameter in operation.Parameters!.OfType<OpenApiParameter>())
        {
            // Parameters gathered in a record keep its spelling; callers write them as they write members.
            if (parameter is { In: ParameterLocation.Query, Name: { } name })
            {
                parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(name);
            }

            parameter.Description ??= Things.GetValueOrDefault(parameter.Name ?? "");
        }

        if (handler?.GetParameters().Any(static parameter => parameter.ParameterType == typeof(IfMatch)) == true)
        {
            operation.Parameters!.Add(Header("If-Match", "The ETag last read: the change is made on that version or not at all.", 100));
        }

        if (method == "POST" && rule is { Anonymous: false })
        {
            operation.Parameters!.Add(Header(
                IdempotencyMiddleware.Header, "Any text of the caller's: the same request with the same key acts once, and its first answer is given again.", KeyLength));
        }
    }

    private static OpenApiParameter Header(string name, string description, int longest) => new()
    {
        Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = longest },
    };

    private static void DescribeAnswers(OpenApiOperation operation, OpenApiDocument document, string method, IAccessRule? rule)
    {
        var answers = operation.Responses ??= [];
        var writes = method != "GET";
        foreach (var (status, problem) in Problems)
        {
            var tells = status switch
            {
                "401" => rule is null or { Anonymous: false } || writes,
                "403" => rule is { Permission: not null },
                "404" => operation.Parameters!.Any(static parameter => parameter.In == ParameterLocation.Path),
                "409" => writes,
                "412" => operation.Parameters!.Any(static parameter => parameter.Name == "If-Match"),
                "413" or "415" => operation.RequestBody is not null,
                "429" => rule is { Anonymous: true } || method == "POST",
                _ => true,
            };
            if (tells)
            {
                answers[status] = new OpenApiResponseReference(problem.Name, document);
            }
        }

        foreach (var (status, answer) in answers)
        {
            if (answer is OpenApiResponse good)
            {
                good.Description = status switch { "201" => "It was made.", "204" => "It was done; there is nothing to tell.", _ => "What was asked for." };
                if (status == "201")
                {
                    good.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
                    {
                        ["Location"] = new OpenApiHeader { Description = "Where it is.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    };
                }
            }
        }
    }

    private static OpenApiResponse Problem((string Name, string Description) problem, OpenApiDocument document) => new()
    {
        Description = problem.Description,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ApiProblem.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(ApiProblem), document) },
        },
    };

    private static Task DescribeSchemaAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is not { } property)
        {
            return Task.CompletedTask;
        }

        if (ApiJson.IsTime(property))
        {
            schema.Type = JsonSchemaType.String | (property.IsGetNullable ? JsonSchemaType.Null : default);
            schema.Format = "date-time";
            schema.Pattern = null;
        }

        foreach (var rule in property.AttributeProvider?.GetCustomAttributes(typeof(RegularExpressionAttribute), inherit: true) ?? [])
        {
            schema.Pattern = ((RegularExpressionAttribute)rule).Pattern;
        }

        return Task.CompletedTask;
    }
}
