using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Host.Console;
using Tsunagi.Tests.Testing;
using Tsunagi.Ui;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The console on real stores with a sample provider, on a port of its own. The cookie "as" says whether the operator or the customer looks.</summary>
public sealed class ConsoleHost : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private WebApplication _app = null!;
    private Stores _stores = null!;

    public string Address { get; private set; } = "";

    internal SampleProvider Sample { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        IServiceModule[] modules = [new SampleModule()];
        _stores = await Stores.OpenAsync(new StoreOptions { Directory = _directory.Path }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await Schema.ApplyAsync(_stores, [.. CoreDescription.Description.Schema, .. modules.SelectMany(static module => module.Describe().Schema)], TimeProvider.System, CancellationToken.None);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("TSUNAGI_TEST_LOG") is not null)
        {
            builder.Logging.AddConsole();
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddCore(_stores, new Node("node-1", "b_1", _directory.Path), modules);
        builder.Services.AddSingleton<ITxtLookup>(new FakeDns());
        builder.Services.AddConsole();
        builder.Services.AddSingleton<CallerOf>(http => http.Request.Cookies["as"] == "customer" ? Sample.CustomerUser : Sample.Operator);
        _app = builder.Build();
        _app.UseConsoleHeaders();
        _app.UseAntiforgery();
        _app.MapConsole([]);
        Sample = new SampleProvider(_app.Services);
        await Sample.FillAsync();
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _stores.DisposeAsync();
        _directory.Dispose();
    }
}
