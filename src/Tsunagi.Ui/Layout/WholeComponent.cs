using Microsoft.AspNetCore.Components;

namespace Tsunagi.Ui.Layout;

/// <summary>
/// What every page and part is made of: it is rendered once, when all it shows was read. The framework's own base renders a component as soon as it first waits and again at the end: with
/// pages made whole on the server that is work for nothing, and a page would be rendered with one thing read and the next not yet.
/// </summary>
public abstract class WholeComponent : ComponentBase
{
    private bool _initialized;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        if (!_initialized)
        {
            _initialized = true;
            OnInitialized();
            await OnInitializedAsync();
        }

        OnParametersSet();
        await OnParametersSetAsync();
        StateHasChanged();
    }
}
