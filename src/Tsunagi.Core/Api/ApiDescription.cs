using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Api;

/// <summary>What the OpenAPI 3.1 document says beyond the routes: who may call each, what a problem looks like, how times are written.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer(DescribeDocumentAsync);
        options.AddOperationTransformer(DescribeOperationAsync);
        options.AddSchemaTransformer(DescribeSchemaAsync);
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
                412 tells the version they have now. A POST with an `Idempotency-Key` may be repeated: the first answer is given again. Times are ISO 8601 in UTC.
                """,
        };

        // The address depends on who asks; the document must not, or it could not be compared with the checked-in one.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token (tsk_…)." };
        return Task.CompletedTask;
    }

    private static Task DescribeOperationAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAccessRule>().LastOrDefault();
        operation.Responses ??= [];
        if (rule is { Anonymous: false })
        {
            operation.AddExtension("x-permission", new JsonNodeExtension(rule.Permission ?? "signed-in"));
            operation.Responses.TryAdd("401", new OpenApiResponse { Description = "Nobody is signed in." });
            if (rule.Permission is { } permission)
            {
                operation.Responses.TryAdd("403", new OpenApiResponse { Description = $"The permission {permission} is missing." });
            }

            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", context.Document)] = [] }];
        }

        // Parameters gathered in a record keep its spelling; callers write them as they write members.
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(static each => each is { In: ParameterLocation.Query, Name: not null }))
        {
            parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
        }

        var handler = context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().FirstOrDefault();
        if (handler?.GetParameters().Any(static parameter => parameter.ParameterType == typeof(IfMatch)) == true)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = "If-Match", In = ParameterLocation.Header, Description = "The ETag last read.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            operation.Responses.TryAdd("412", new OpenApiResponse { Description = "It was changed meanwhile." });
        }

        return Task.CompletedTask;
    }

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
