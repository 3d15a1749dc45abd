using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Checks every request record of a handler before the handler runs. Which parameters have rules is found once, when the endpoint is built.</summary>
internal static class RequestFilter
{
    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var services = context.ApplicationServices.GetService<IServiceProviderIsService>();
        var parameters = context.MethodInfo.GetParameters();
        var indexes = Enumerable.Range(0, parameters.Length)
            .Where(i => services?.IsService(parameters[i].ParameterType) != true && RequestRules.Has(parameters[i].ParameterType))
            .ToArray();
        if (indexes.Length == 0)
        {
            return next;
        }

        return async invocation =>
        {
            foreach (var index in indexes)
            {
                if (invocation.Arguments[index] is { } request && RequestRules.Check(request) is { Count: > 0 } errors)
                {
                    return new ProblemResult(Refusal.Invalid(errors[0].Code, errors[0].Field, errors[0].Detail, errors[0].Allowed), errors);
                }
            }

            return await next(invocation);
        };
    }
}
