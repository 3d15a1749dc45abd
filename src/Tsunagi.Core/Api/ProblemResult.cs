using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>A refusal as the answer of an endpoint.</summary>
public sealed class ProblemResult(Refusal refusal, IReadOnlyList<ApiFieldError>? errors = null) : IResult
{
    public Refusal Refusal => refusal;

    public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext, refusal, errors is { Count: > 1 } ? errors : null);
}
