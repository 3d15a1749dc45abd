using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;

namespace Tsunagi.Core.Api;

/// <summary>
/// A POST with an Idempotency-Key acts once: (1) the key is claimed for this tenant, caller, route and body; (2) the endpoint runs, its answer is gathered;
/// (3) a good answer is stored, encrypted because it may hold a secret made just now, and given again to whoever repeats the request; a bad one gives the
/// key back, because nothing was changed.
/// </summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyKeys keys, ISecretBox secrets, IdempotencyOptions options)
{
    public const string Header = "Idempotency-Key";
    private const string Purpose = "api.idempotency";
    private static readonly Refusal OtherContent = Refusal.Conflict("idempotency.other-content", "this key was used for another request", Header);
    private static readonly Refusal Running = new(RefusalKind.Conflict, "idempotency.running", "the same request is running", Header) { RetryAfterSeconds = 1 };

    private int MaxKept => (options.MaxAnswerChars / 4 * 3) - 256;

    public async Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers[Header].ToString();
        if (key.Length == 0 || !Takes(context) || context.FindCaller() is not { } caller)
        {
            await next(context);
            return;
        }

        if (key.Length > options.MaxKeyChars || key.Any(static c => c is < '!' or > '~'))
        {
            await ProblemWriter.WriteAsync(context, Refusal.Invalid("idempotency.key", Header, "the key is not usable", $"1 to {options.MaxKeyChars} printable ASCII characters"));
            return;
        }

        // (1)
        var owner = $"{caller.Scope.TenantId} {caller.ActorId}";
        var scope = $"{owner} {context.Request.Path}";
        var hash = await HashAsync(context);
        var begun = await keys.BeginAsync(owner, scope, key, hash, context.RequestAborted);
        switch (begun.Verdict)
        {
            case IdempotencyVerdict.Conflict:
                await ProblemWriter.WriteAsync(context, OtherContent);
                return;
            case IdempotencyVerdict.Running:
                await ProblemWriter.WriteAsync(context, Running);
                return;
            case IdempotencyVerdict.Full:
                await ProblemWriter.WriteAsync(context, Full());
                return;
            case IdempotencyVerdict.Replayed:
                await ReplayAsync(context, caller, begun.Answer!);
                return;
            default:
                await RunAsync(context, caller, scope, key, hash);
                return;
        }
    }

    /// <summary>Every POST of the API but those that sign in: these give a cookie, which is not kept, and a second sign-in harms nobody.</summary>
    private static bool Takes(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(ApiSetup.Prefix, StringComparison.Ordinal)
        && context.GetEndpoint()?.Metadata.GetMetadata<IAccessRule>() is { Anonymous: false };

    private Refusal Full() => new(
        RefusalKind.TooMany, "idempotency.too-many-keys", $"{options.MaxKeysPerOwner} keys of yours are still remembered", Header,
        $"at most {options.MaxKeysPerOwner} keys in {options.Retention.TotalHours:0} hours; without a key the request is carried out")
    {
        RetryAfterSeconds = 3_600,
    };

    private async Task RunAsync(HttpContext context, Caller caller, string scope, string key, string hash)
    {
        var outer = context.Response.Body;
        using var gathered = new MemoryStream();
        context.Response.Body = gathered;
        try
        {
            // (2)
            await next(context);
        }
        catch
        {
            context.Response.Body = outer;
            await keys.ForgetAsync(scope, key, CancellationToken.None);
            throw;
        }

        context.Response.Body = outer;

        // (3) Not with the request's token: the effect is there, whether the caller still listens or not.
        if (context.Response.StatusCode is >= 200 and < 300)
        {
            var answer = new Kept(
                context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.Location.ToString(), context.Response.Headers.ETag.ToString(),
                gathered.Length <= MaxKept ? Encoding.UTF8.GetString(gathered.ToArray()) : null);
            var box = await secrets.ProtectAsync(caller.Scope.Path, Purpose, JsonSerializer.SerializeToUtf8Bytes(answer), CancellationToken.None);
            await keys.EndAsync(scope, key, hash, new IdempotentAnswer(answer.Status, Convert.ToBase64String(box)), CancellationToken.None);
        }
        else
        {
            await keys.ForgetAsync(scope, key, CancellationToken.None);
        }

        gathered.Position = 0;
        await gathered.CopyToAsync(outer, context.RequestAborted);
    }

    private async Task ReplayAsync(HttpContext context, Caller caller, IdempotentAnswer stored)
    {
        var plain = await secrets.UnprotectAsync(caller.Scope.Path, Purpose, Convert.FromBase64String(stored.Body), context.RequestAborted);
        var kept = plain is null ? null : JsonSerializer.Deserialize<Kept>(plain);
        if (kept?.Body is null && stored.Status != StatusCodes.Status204NoContent)
        {
            await ProblemWriter.WriteAsync(context, Refusal.Conflict("idempotency.answer-gone", "this request was carried out; its answer is not kept", Header));
            return;
        }

        var response = context.Response;
        response.StatusCode = stored.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers["Idempotency-Replayed"] = "true";
        response.ContentType = kept?.ContentType;
        if (kept is { Location.Length: > 0 })
        {
            response.Headers.Location = kept.Location;
        }

        if (kept is { ETag.Length: > 0 })
        {
            response.Headers.ETag = kept.ETag;
        }

        if (!string.IsNullOrEmpty(kept?.Body))
        {
            await response.WriteAsync(kept.Body, context.RequestAborted);
        }
    }

    private static async ValueTask<string> HashAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(context.Request.QueryString.Value ?? ""));
        var buffer = new byte[16_384];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        context.Request.Body.Position = 0;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record Kept(int Status, string? ContentType, string Location, string ETag, string? Body);
}
