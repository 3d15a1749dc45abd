using Microsoft.AspNetCore.Routing;
using Tsunagi.Core;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>Every verb of the program: the host's own, Core's, and each module's below its id.</summary>
internal static class VerbTable
{
    public static IReadOnlyList<Verb> All(IReadOnlyList<Verb> own, IReadOnlyList<IServiceModule> modules)
    {
        var nowhere = new Nowhere();
        return [.. own, .. CoreVerbs.All, .. modules.SelectMany(module => VerbsOf(module, nowhere))];
    }

    private static IEnumerable<Verb> VerbsOf(IServiceModule module, Nowhere nowhere)
    {
        var description = module.Describe();
        var id = description.Id;
        var map = new ModuleMap(description.Name, nowhere.MapGroup("/api/v1/" + id), nowhere);
        module.Map(map);
        return [.. map.Verbs.Select(verb => verb with { Path = $"{id} {verb.Path}" }), .. map.TradeVerbs];
    }

    /// <summary>A module says all it has in one call; its routes lead nowhere here.</summary>
    private sealed class Nowhere : IEndpointRouteBuilder, IServiceProvider
    {
        public IServiceProvider ServiceProvider => this;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(this);

        public object? GetService(Type serviceType) => null;
    }
}
