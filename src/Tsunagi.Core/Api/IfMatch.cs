using System.Reflection;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>A handler's parameter: the version the caller last read. <c>directory.ChangeAsync(caller, id, change, ifMatch.Version, ct)</c>.</summary>
public readonly record struct IfMatch(long? Version) : ICheckedRequest
{
    private Refusal? Problem { get; init; }

    public static ValueTask<IfMatch> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var problem = EntityTag.TryReadIfMatch(context.Request, out var version);
        return ValueTask.FromResult(new IfMatch(version) { Problem = problem });
    }

    Refusal? ICheckedRequest.Check() => Problem;
}
