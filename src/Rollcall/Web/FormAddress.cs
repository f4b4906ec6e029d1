using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Rollcall.Web;

/// <summary>
/// Gives every form without an address the page's own. A browser sends such a form to the address that it shows,
/// fragment included, and then puts the focus where the fragment says and not on the error summary.
/// </summary>
[HtmlTargetElement("form")]
public sealed class FormAddress : TagHelper
{
    /// <summary>The page.</summary>
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <summary>
    /// Adds the attribute. After the framework's own helper, which leaves out the form token where it finds one.
    /// </summary>
    /// <param name="context">Not needed.</param>
    /// <param name="output">The form.</param>
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (output.Attributes.TryGetAttribute("action", out var action) && action.Value?.ToString() is { Length: > 0 })
        {
            return;
        }

        var request = ViewContext.HttpContext.Request;
        var posts =
            output.Attributes.TryGetAttribute("method", out var method)
            && string.Equals(method.Value?.ToString(), "post", StringComparison.OrdinalIgnoreCase);
        var query = posts ? request.QueryString : default;
        output.Attributes.SetAttribute("action", request.PathBase + request.Path + query);
    }
}
